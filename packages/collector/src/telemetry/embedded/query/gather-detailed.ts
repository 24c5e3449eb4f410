import { type FloatHistogram, type SeriesColumns, withDerivedHint } from '@plimsoll/promql';
import { columnsOf, findWinners } from './merge-overlapping.ts';
import type { Run } from './run.ts';

/** Joins the runs of a series of which some samples have more than a value. Null when no row has a sample. */
export function gatherDetailed(runs: readonly Run[]): Omit<SeriesColumns, 'labels'> | null {
  const histograms: (FloatHistogram | undefined)[] = [];
  const startsMs: number[] = [];
  for (const run of runs) {
    const details = run.details();
    for (let row = 0; row < run.to - run.from; row++) {
      histograms.push(details?.histograms[row]);
      startsMs.push(details?.startTimestampsMs[row] ?? 0);
    }
  }
  const winners = findWinners(runs, histograms.length);
  const { rows } = winners;
  if (rows.length === 0) return null;
  return {
    ...columnsOf(winners),
    ...(rows.some((row) => histograms[row] !== undefined) && { histograms: hinted(rows, histograms) }),
    ...(rows.some((row) => startsMs[row] !== 0) && {
      startTimestamps: Float64Array.from(rows, (row) => startsMs[row] ?? 0),
    }),
  };
}

/** With what the order of samples tells of resets. */
function hinted(
  rows: readonly number[],
  histograms: readonly (FloatHistogram | undefined)[],
): (FloatHistogram | undefined)[] {
  let previous: FloatHistogram | undefined;
  return rows.map((row) => {
    const histogram = histograms[row];
    const known = histogram === undefined ? undefined : withDerivedHint(histogram, previous);
    previous = known;
    return known;
  });
}
