import { isNoSample } from '@plimsoll/proto';
import { joinTimes } from './row-shape.ts';
import type { Run } from './run.ts';

/** The rows of all runs, and which of them, by index, stay in ascending time. */
interface Winners {
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  readonly rows: readonly number[];
}

/** Joins runs that lie over each other. */
export function mergeOverlapping(
  runs: readonly Run[],
  rows: number,
): { readonly timestamps: Float64Array; readonly values: Float64Array } | null {
  const winners = findWinners(runs, rows);
  return winners.rows.length === 0 ? null : columnsOf(winners);
}

/** The columns of the rows that stay. */
export function columnsOf({ timestamps, values, rows }: Winners): {
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
} {
  const picked = { timestamps: new Float64Array(rows.length), values: new Float64Array(rows.length) };
  rows.forEach((row, i) => {
    picked.timestamps[i] = timestamps[row] ?? 0;
    picked.values.set(values.subarray(row, row + 1), i);
  });
  return picked;
}

/** Of one time's samples the one of the highest epoch and sequence stays. */
export function findWinners(runs: readonly Run[], rows: number): Winners {
  const timestamps = joinTimes(runs, new Float64Array(rows));
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
  return { timestamps, values, rows: winners };
}
