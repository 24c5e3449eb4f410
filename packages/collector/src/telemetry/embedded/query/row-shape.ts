import type { Instants } from '@plimsoll/promql';
import type { RunRows } from './run.ts';

/** Which rows of a list of runs are read, and their times: worked out once for all series with the same rows. */
export class RowShape {
  #runs: readonly RunRows[] = [];
  /** Where only some rows are looked at: those, by run and counted from its first, and their times. */
  readonly picked: PickedRows | null;
  readonly #rows: number;
  #timestamps: Float64Array | undefined;

  constructor(runs: readonly RunRows[], rows: number, instants: Instants | undefined) {
    this.#follow(runs);
    this.#rows = rows;
    // Reading rows here and there is slower than reading them in turn.
    const sparse = instants !== undefined && instants.count * 2 <= rows;
    this.picked = sparse ? rowsAtInstants(this.#runs, instants) : null;
  }

  /** Whether the runs are of these rows. */
  fits(runs: readonly RunRows[]): boolean {
    if (runs.length !== this.#runs.length) return false;
    let known = true;
    for (let i = 0; i < runs.length; i++) {
      const ours = this.#runs[i];
      const theirs = runs[i];
      if (ours === undefined || theirs === undefined || ours.to - ours.from !== theirs.to - theirs.from)
        return false;
      if (ours.timestamps === theirs.timestamps && ours.from === theirs.from) continue;
      if (!sameTimes(ours, theirs)) return false;
      known = false;
    }
    // The next series is likely to have its times from where this one has them.
    if (!known) this.#follow(runs);
    return true;
  }

  #follow(runs: readonly RunRows[]): void {
    // What the runs are now: they will be others'.
    this.#runs = runs.map(({ timestamps, from, to }) => ({ timestamps, from, to }));
  }

  /** The times of all rows, in memory that `take` gives for so many. */
  timestamps(take: (count: number) => Float64Array): Float64Array {
    return (this.#timestamps ??= joinTimes(this.#runs, take(this.#rows)));
  }
}

interface PickedRows {
  readonly rows: readonly Int32Array[];
  readonly timestamps: Float64Array;
}

/** Finds the newest row at or before each instant; the runs follow each other in time. */
function rowsAtInstants(runs: readonly RunRows[], { firstMs, stepMs, count }: Instants): PickedRows {
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

/** Series written by others carry times of their own, and more often than not the same ones. */
function sameTimes(a: RunRows, b: RunRows): boolean {
  const rows = a.to - a.from;
  for (let i = 0; i < rows; i++) if (a.timestamps[a.from + i] !== b.timestamps[b.from + i]) return false;
  return true;
}

/** Writes the times of rows that follow each other, and returns what it wrote them to. */
export function joinTimes(runs: readonly RunRows[], joined: Float64Array): Float64Array {
  let at = 0;
  for (const run of runs) {
    joined.set(run.timestamps.subarray(run.from, run.to), at);
    at += run.to - run.from;
  }
  return joined;
}
