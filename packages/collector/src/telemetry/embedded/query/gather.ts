import { isNoSample } from '@plimsoll/proto';
import type { Run } from './run.ts';

export interface Columns {
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
}

/** Values of a query's series are cut from arrays of at least this many. */
const SLAB_VALUES = 64 * 1024;

interface SharedTimes {
  readonly runs: readonly Run[];
  readonly timestamps: Float64Array;
}

/** Joins the runs of one series. Series made of the same rows get one and the same `timestamps` array. */
export class Gatherer {
  /** By the times of the first run; series of one agent come one after the other. */
  readonly #shared = new Map<Float64Array, SharedTimes[]>();
  #last: SharedTimes | undefined;
  #slab = new Float64Array(0);
  #slabUsed = 0;

  gather(runs: Run[]): Columns | null {
    if (runs.length === 0) return null;
    let rows = 0;
    for (const run of runs) rows += run.to - run.from;
    if (!ascending(runs)) {
      runs.sort(byStart);
      if (!ascending(runs)) return mergeOverlapping(runs, rows);
    }
    const values = this.take(rows);
    let at = 0;
    let gaps = false;
    for (const run of runs) {
      if (run.read(values, at)) gaps = true;
      at += run.to - run.from;
    }
    const timestamps = this.#timestamps(runs, rows);
    return gaps ? withoutGaps(timestamps, values) : { timestamps, values };
  }

  /** Room for one series' values. */
  take(count: number): Float64Array {
    if (this.#slabUsed + count > this.#slab.length) {
      // A first small answer gets an array of its size.
      const needed = this.#slab.length === 0 ? count : Math.max(count, SLAB_VALUES);
      this.#slab = new Float64Array(needed);
      this.#slabUsed = 0;
    }
    const from = this.#slabUsed;
    this.#slabUsed += count;
    return from === 0 && count === this.#slab.length ? this.#slab : this.#slab.subarray(from, this.#slabUsed);
  }

  #timestamps(runs: readonly Run[], rows: number): Float64Array {
    if (this.#last !== undefined && sameRows(this.#last.runs, runs)) return this.#last.timestamps;
    const [first] = runs;
    if (first === undefined) return new Float64Array();
    const candidates = this.#shared.get(first.timestamps) ?? [];
    let shared = candidates.find((candidate) => sameRows(candidate.runs, runs));
    if (shared === undefined) {
      shared = { runs, timestamps: joinTimes(runs, rows) };
      this.#shared.set(first.timestamps, [...candidates, shared]);
    }
    this.#last = shared;
    return shared.timestamps;
  }
}

/** The times of rows that follow each other. */
export function joinTimes(
  runs: readonly Pick<Run, 'timestamps' | 'from' | 'to'>[],
  rows: number,
): Float64Array {
  const joined = new Float64Array(rows);
  let at = 0;
  for (const run of runs) {
    joined.set(run.timestamps.subarray(run.from, run.to), at);
    at += run.to - run.from;
  }
  return joined;
}

function sameRows(a: readonly Run[], b: readonly Run[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    const left = a[i];
    const right = b[i];
    if (left?.timestamps !== right?.timestamps || left?.from !== right?.from || left?.to !== right?.to)
      return false;
  }
  return true;
}

function byStart(a: Run, b: Run): number {
  return (a.timestamps[a.from] ?? 0) - (b.timestamps[b.from] ?? 0);
}

/** Whether the runs follow each other in time. */
function ascending(runs: readonly Run[]): boolean {
  let newest = -Infinity;
  for (const run of runs) {
    if ((run.timestamps[run.from] ?? 0) <= newest) return false;
    newest = run.timestamps[run.to - 1] ?? 0;
  }
  return true;
}

/** Drops rows without a sample; most series have none and keep their shared timestamps. */
export function withoutGaps(timestamps: Float64Array, values: Float64Array): Columns | null {
  let gaps = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    if (Number.isNaN(value) && isNoSample(value)) gaps++;
  }
  if (gaps === 0) return { timestamps, values };
  if (gaps === values.length) return null;
  const present = values.length - gaps;
  const kept = { timestamps: new Float64Array(present), values: new Float64Array(present) };
  let at = 0;
  for (let i = 0; i < values.length; i++) {
    if (isNoSample(values[i] ?? 0)) continue;
    kept.timestamps[at] = timestamps[i] ?? 0;
    kept.values.set(values.subarray(i, i + 1), at);
    at++;
  }
  return kept;
}

function mergeOverlapping(runs: readonly Run[], rows: number): Columns | null {
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
