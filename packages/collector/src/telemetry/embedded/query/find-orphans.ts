import { TimeSlice } from '../../../time-slice.ts';
import type { SeriesRef } from '../../store.ts';
import { findRef } from '../head/encoded-blocks.ts';
import { rowFinder } from './row-finder.ts';
import type { Samples } from './stored-samples.ts';

/** Series told of at once: some milliseconds of work for who forgets them. */
const SERIES_PER_PART = 1024;

/** Tells of the series without a sample anywhere, after retention deleted some, in parts; rests in between. */
export async function findOrphans(
  samples: Samples,
  found: (orphans: ReadonlySet<SeriesRef>) => void,
): Promise<void> {
  const slice = new TimeSlice();
  let hasRows = rowFinder(samples, -Infinity, Infinity);
  let orphans: SeriesRef[] = [];
  const tell = (): void => {
    // Samples may have come in meanwhile.
    const gone = new Set(orphans.filter((ref) => !isRecent(samples, ref)));
    orphans = [];
    if (gone.size > 0) found(gone);
  };
  for (const ref of samples.index.refs()) {
    if (slice.over || orphans.length >= SERIES_PER_PART) {
      if (orphans.length >= SERIES_PER_PART) tell();
      await slice.rest();
      samples.closing.throwIfAborted();
      hasRows = rowFinder(samples, -Infinity, Infinity);
    }
    if (!isRecent(samples, ref) && !hasRows(ref)) orphans.push(ref);
  }
  tell();
}

/** Whether a series has, or is about to have, samples that are not in a day's file. */
function isRecent({ head, recent }: Samples, ref: SeriesRef): boolean {
  return (
    head.setsOf(ref).length > 0 ||
    (head.loose(ref)?.count ?? 0) > 0 ||
    recent.loose.some(({ refs }) => findRef(refs, ref) >= 0)
  );
}
