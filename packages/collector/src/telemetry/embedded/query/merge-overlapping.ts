import { isNoSample } from '@plimsoll/proto';
import { joinTimes } from './row-shape.ts';
import type { Run } from './run.ts';

/** Joins runs that lie over each other: of one time's samples the one of the highest epoch and sequence stays. */
export function mergeOverlapping(
  runs: readonly Run[],
  rows: number,
): { readonly timestamps: Float64Array; readonly values: Float64Array } | null {
  const timestamps = joinTimes(runs, rows);
  const values = new Float64Array(rows);
  const epochs = new Float64Array(rows);
  const sequences = new Float64Array(rows);
  let at = 0;
  for (const run of runs) {
    run.read(values, at);
    const order = run.order();
    if (order !== null) {
      epochs.set(order.epochs.subarray(run.from, run.to), at);
      sequences.set(order.sequences.subarray(run.from, run.to), at);
    }
    at += run.to - run.from;
  }
  const present = Array.from({ length: values.length }, (_, i) => i).filter(
    (i) => !isNoSample(values[i] ?? 0),
  );
  const compare = (a: number, b: number): number =>
    (timestamps[a] ?? 0) - (timestamps[b] ?? 0) ||
    (epochs[b] ?? 0) - (epochs[a] ?? 0) ||
    (sequences[b] ?? 0) - (sequences[a] ?? 0);
  const winners = present
    .sort(compare)
    .filter((index, i, sorted) => i === 0 || timestamps[sorted[i - 1] ?? 0] !== timestamps[index]);
  if (winners.length === 0) return null;
  const merged = { timestamps: new Float64Array(winners.length), values: new Float64Array(winners.length) };
  winners.forEach((index, i) => {
    merged.timestamps[i] = timestamps[index] ?? 0;
    merged.values.set(values.subarray(index, index + 1), i);
  });
  return merged;
}
