import type { FilesystemCapacity } from '../api/types.ts';
import { formatDay, instantOf } from '../lib/time.ts';
import { lookOf, outlookLooks } from '../lib/tones.ts';
import { Badge } from './badge.tsx';
import { DaysAhead } from './days-ahead.tsx';

/** How long until it is full, with the range that is honest, or plainly why nobody can say. */
export function Horizon({ filesystem }: { readonly filesystem: FilesystemCapacity }) {
  const { outlook, q50Days, fullAt } = filesystem;
  if (outlook !== 'filling' || q50Days === null) {
    return (
      <div class="horizon">
        <Badge look={lookOf(outlookLooks, outlook)} />
      </div>
    );
  }
  const likely = instantOf(fullAt?.likely);
  return (
    <div class="horizon" title={likely === null ? undefined : `Most likely on ${formatDay(likely)}`}>
      <DaysAhead forecast={filesystem} q50Days={q50Days} />
    </div>
  );
}
