import type { FilesystemCapacity } from '../api/types.ts';
import { formatDaysAhead } from '../lib/duration.ts';
import { formatChance } from '../lib/format.ts';
import { formatDay, instantOf } from '../lib/time.ts';
import { lookOf, outlookLooks } from '../lib/tones.ts';
import { Badge } from './badge.tsx';

/** How long until it is full, with the range that is honest, or plainly why nobody can say. */
export function Horizon({ filesystem }: { readonly filesystem: FilesystemCapacity }) {
  const { outlook, q10Days, q50Days, q90Days, fullAt, p7 } = filesystem;
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
      <strong>{formatDaysAhead(q50Days)}</strong>
      <span class="range">
        {q10Days === null ? 'sooner not known' : formatDaysAhead(q10Days)} to{' '}
        {q90Days === null ? 'more than a year' : formatDaysAhead(q90Days)}
        {p7 !== null && p7 >= 0.01 ? ` · ${formatChance(p7)} within 7 days` : ''}
      </span>
    </div>
  );
}
