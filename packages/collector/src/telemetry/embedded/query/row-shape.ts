import type { Instants } from '@plimsoll/promql';
import { lowerBound } from './lower-bound.ts';
import type { RunRows } from './run.ts';

/** Which rows of a list of runs are read, and their times: worked out once for all series with the same rows. */
export interface RowShape {
  readonly runs: readonly RunRows[];
  /** All rows. */
  readonly timestamps: Float64Array;
  /** Where only some rows are looked at: those, by run and counted from its first, and their times. */
  readonly picked: { readonly rows: readonly Int32Array[]; readonly timestamps: Float64Array } | null;
}

export function rowShape(of: readonly RunRows[], rows: number, instants: Instants | undefined): RowShape {
  // What the runs are now: they will be others'.
  const runs = of.map(({ timestamps, from, to }) => ({ timestamps, from, to }));
  const timestamps = joinTimes(runs, rows);
  const wanted = instants === undefined ? null : newestAt(timestamps, instants);
  // Reading rows here and there is slower than reading them in turn.
  if (wanted === null || wanted.length * 2 > rows) return { runs, timestamps, picked: null };
  const picked = new Float64Array(wanted.length);
  for (let i = 0; i < wanted.length; i++) picked[i] = timestamps[wanted[i] ?? 0] ?? 0;
  return { runs, timestamps, picked: { rows: rowsByRun(runs, wanted), timestamps: picked } };
}

/** Whether two lists of runs are of the same rows. */
export function sameRows(a: readonly RunRows[], b: readonly RunRows[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    const left = a[i];
    const right = b[i];
    if (left === undefined || right === undefined || !sameTimes(left, right)) return false;
  }
  return true;
}

function sameTimes(a: RunRows, b: RunRows): boolean {
  const rows = a.to - a.from;
  if (b.to - b.from !== rows) return false;
  if (a.timestamps === b.timestamps && a.from === b.from) return true;
  // Series written by others carry times of their own, and more often than not the same ones.
  for (let i = 0; i < rows; i++) if (a.timestamps[a.from + i] !== b.timestamps[b.from + i]) return false;
  return true;
}

/** Indexes of the newest time at or before each instant, ascending without repeats. */
function newestAt(timestamps: Float64Array, { firstMs, stepMs, count }: Instants): Int32Array {
  const rows = new Int32Array(Math.min(count, timestamps.length));
  let found = 0;
  let next = lowerBound(timestamps, firstMs + 1);
  let last = -1;
  for (let step = 0; step < count; step++) {
    const instant = firstMs + step * stepMs;
    while (next < timestamps.length && (timestamps[next] ?? 0) <= instant) next++;
    if (next - 1 > last) rows[found++] = last = next - 1;
  }
  return rows.subarray(0, found);
}

function rowsByRun(runs: readonly RunRows[], rows: Int32Array): Int32Array[] {
  let first = 0;
  let at = 0;
  return runs.map(({ from, to }) => {
    const begin = at;
    const behind = first + to - from;
    for (; at < rows.length && (rows[at] ?? 0) < behind; at++) rows[at] = (rows[at] ?? 0) - first;
    first = behind;
    return rows.subarray(begin, at);
  });
}

/** The times of rows that follow each other. */
export function joinTimes(runs: readonly RunRows[], rows: number): Float64Array {
  const joined = new Float64Array(rows);
  let at = 0;
  for (const run of runs) {
    joined.set(run.timestamps.subarray(run.from, run.to), at);
    at += run.to - run.from;
  }
  return joined;
}
