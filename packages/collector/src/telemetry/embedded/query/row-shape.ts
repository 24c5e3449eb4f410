import type { Instants } from '@plimsoll/promql';
import type { RunRows } from './run.ts';

/** Which rows of a list of runs are read, and their times: worked out once for all series with the same rows. */
export class RowShape {
  readonly runs: readonly RunRows[];
  /** Where only some rows are looked at: those, by run and counted from its first, and their times. */
  readonly picked: PickedRows | null;
  readonly #rows: number;
  #timestamps: Float64Array | undefined;

  constructor(runs: readonly RunRows[], rows: number, instants: Instants | undefined) {
    // What the runs are now: they will be others'.
    this.runs = runs.map(({ timestamps, from, to }) => ({ timestamps, from, to }));
    this.#rows = rows;
    // Reading rows here and there is slower than reading them in turn.
    const sparse = instants !== undefined && instants.count * 2 <= rows;
    this.picked = sparse ? pickRows(this.runs, instants) : null;
  }

  /** The times of all rows. */
  get timestamps(): Float64Array {
    return (this.#timestamps ??= joinTimes(this.runs, this.#rows));
  }
}

interface PickedRows {
  readonly rows: readonly Int32Array[];
  readonly timestamps: Float64Array;
}

/** Finds the newest row at or before each instant; the runs follow each other in time. */
function pickRows(runs: readonly RunRows[], { firstMs, stepMs, count }: Instants): PickedRows {
  const rows = new Int32Array(count);
  const timestamps = new Float64Array(count);
  let found = 0;
  let step = 0;
  const byRun = runs.map(({ timestamps: times, from, to }, number) => {
    const first = found;
    // The row of the run before counts up to where this one begins.
    const nextMs = runs[number + 1]?.timestamps[runs[number + 1]?.from ?? 0] ?? Infinity;
    let row = from - 1;
    for (; step < count; step++) {
      const instant = firstMs + step * stepMs;
      if (instant >= nextMs) break;
      const before = row;
      while (row + 1 < to && (times[row + 1] ?? 0) <= instant) row++;
      if (row === before) continue;
      rows[found] = row - from;
      timestamps[found++] = times[row] ?? 0;
    }
    return rows.subarray(first, found);
  });
  return { rows: byRun, timestamps: found === count ? timestamps : timestamps.slice(0, found) };
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
