import type { RollupColumns, RollupSketches, SeriesColumns } from '@plimsoll/promql';
import { pickRun } from '../../sample-run.ts';
import { type TimeSpan, isWithin } from '../deletion/deletions.ts';

type Columns = Omit<SeriesColumns, 'labels'>;

/** The rows that were not deleted; null when none is left. */
export function withoutDeleted(columns: Columns, deleted: readonly TimeSpan[]): Columns | null {
  const { timestamps } = columns;
  const rows = [...timestamps.keys()].filter((row) => !isWithin(deleted, timestamps[row] ?? 0));
  if (rows.length === timestamps.length) return columns;
  return rows.length === 0 ? null : pickRun(columns, rows);
}

/** The buckets that none of their time was deleted from; undefined when none is left. */
export function withoutDeletedBuckets(
  rollup: RollupColumns,
  deleted: readonly TimeSpan[],
): RollupColumns | undefined {
  const { ends, resolutionMs, sketches } = rollup;
  const meets = (fromMs: number, toMs: number): boolean =>
    deleted.some(({ startMs, endMs }) => startMs <= toMs && fromMs <= endMs);
  const rows = [...ends.keys()].filter(
    (row) => !meets((ends[row] ?? 0) - resolutionMs, (ends[row] ?? 0) - 1),
  );
  if (rows.length === ends.length) return rollup;
  if (rows.length === 0) return undefined;
  // Columns that the request does not need are empty.
  const pick = (column: Float64Array): Float64Array =>
    column.length === 0 ? column : Float64Array.from(rows, (row) => column[row] ?? 0);
  return {
    ...rollup,
    ends: pick(ends),
    counts: pick(rollup.counts),
    sums: pick(rollup.sums),
    mins: pick(rollup.mins),
    maxes: pick(rollup.maxes),
    firsts: pick(rollup.firsts),
    firstTimes: pick(rollup.firstTimes),
    lasts: pick(rollup.lasts),
    lastTimes: pick(rollup.lastTimes),
    resets: pick(rollup.resets),
    dropped: pick(rollup.dropped),
    staleTimes: rollup.staleTimes.filter((timestampMs) => !isWithin(deleted, timestampMs)),
    ...(sketches && { sketches: pickSketches(sketches, rows) }),
  };
}

function pickSketches({ ends, keys, counts }: RollupSketches, rows: readonly number[]): RollupSketches {
  let end = 0;
  const bins = rows.flatMap((row) => {
    const from = ends[row - 1] ?? 0;
    return Array.from({ length: (ends[row] ?? 0) - from }, (_, i) => from + i);
  });
  return {
    ends: Int32Array.from(rows, (row) => (end += (ends[row] ?? 0) - (ends[row - 1] ?? 0))),
    keys: Int32Array.from(bins, (bin) => keys[bin] ?? 0),
    counts: Float64Array.from(bins, (bin) => counts[bin] ?? 0),
  };
}
