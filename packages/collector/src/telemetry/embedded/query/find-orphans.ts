import { setImmediate } from 'node:timers/promises';
import type { SeriesRef } from '../../store.ts';
import { rowFinder } from './row-finder.ts';
import type { Samples } from './stored-samples.ts';

/** Series looked up before others get their turn: each may take a look at every window there is. */
const SERIES_PER_TURN = 20;

/** The series without a sample anywhere, after retention deleted some. */
export async function findOrphans(samples: Samples): Promise<ReadonlySet<SeriesRef>> {
  const recent = recentRefs(samples);
  let hasRows = rowFinder(samples, -Infinity, Infinity);
  const orphans = new Set<SeriesRef>();
  let looked = 0;
  for (const ref of samples.index.refs()) {
    if (recent.has(ref)) continue;
    if (++looked % SERIES_PER_TURN === 0) {
      await setImmediate();
      samples.closing.throwIfAborted();
      hasRows = rowFinder(samples, -Infinity, Infinity);
    }
    if (!hasRows(ref)) orphans.add(ref);
  }
  // Samples may have come in meanwhile.
  return orphans.difference(recentRefs(samples));
}

/** Series that have, or are about to have, samples that are not in a day's file. */
function recentRefs({ head, recent }: Samples): Set<SeriesRef> {
  const refs = new Set<SeriesRef>();
  for (const set of head.sets()) for (const ref of set.refs) refs.add(ref);
  for (const series of head.looseSeries()) if (series.count > 0) refs.add(series.ref);
  for (const block of recent.loose) for (const ref of block.refs) refs.add(ref);
  return refs;
}
