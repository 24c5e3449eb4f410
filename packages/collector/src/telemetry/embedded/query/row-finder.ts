import type { SeriesRef } from '../../store.ts';
import { FrameRows } from './frame-rows.ts';
import { LooseRows } from './loose-rows.ts';
import { RowRange } from './row-range.ts';
import { RunList } from './run.ts';
import { SeriesRead } from './series-read.ts';
import type { Samples } from './stored-samples.ts';

/** Tells of series whether they have a row in [startMs, endMs], without decoding any where nothing was deleted. */
export function rowFinder(samples: Samples, startMs: number, endMs: number): (ref: SeriesRef) => boolean {
  const { days, deletions } = samples;
  const hasOpenRow = openRowFinder(samples, startMs, endMs);
  const windows = days.windowsWithin(startMs, endMs);
  const hasRollups = samples.rollups.finder(startMs, endMs);
  return (ref) => {
    if (hasRollups(ref)) return true;
    if (deletions.of(ref) !== undefined) return hasRowLeft(samples, ref, startMs, endMs);
    if (hasOpenRow(ref)) return true;
    return windows.some(
      (windowStartMs) => days.reader(windowStartMs).chunk(windowStartMs, ref) !== undefined,
    );
  };
}

/** Tells of series whether they have a row in [startMs, endMs] that is not in a day's file, deleted or not. */
export function openRowFinder(
  { head, recent, decoded }: Samples,
  startMs: number,
  endMs: number,
): (ref: SeriesRef) => boolean {
  const range = new RowRange(startMs, endMs);
  const frames = new FrameRows(head, recent, range);
  const loose = new LooseRows(head, recent, range);
  const list = new RunList(decoded.begin());
  return (ref) => {
    list.clear();
    frames.addRuns(list, ref);
    loose.addRuns(list, ref);
    return list.runs.length > 0;
  };
}

function hasRowLeft(samples: Samples, ref: SeriesRef, startMs: number, endMs: number): boolean {
  const { columns, slabs } = new SeriesRead(samples, [ref], { startMs, endMs }).all();
  samples.pool.give(slabs);
  return columns[0] !== null;
}
