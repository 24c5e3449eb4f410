import { isNoSample } from '@plimsoll/proto';
import type { Instants } from '@plimsoll/promql';
import { mergeOverlapping } from './merge-overlapping.ts';
import { RowShape } from './row-shape.ts';
import type { Run, RunRows } from './run.ts';
import type { ValuePool } from './value-pool.ts';

export interface Columns {
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
}

/** Shapes compared with a series before it gets one of its own: series of one agent, or one sender, come together. */
const MAX_SHAPES = 8;

const NO_VALUES = new Float64Array(0);
const NO_ROWS: RunRows = { timestamps: NO_VALUES, from: 0, to: 0 };

/** Joins the runs of one series. Series made of the same rows get one and the same `timestamps` array. */
export class Gatherer {
  readonly #instants: Instants | undefined;
  /** Most recently used first. */
  readonly #shapes: RowShape[] = [];
  readonly #single = new Map<number, Float64Array>();
  readonly #pool: ValuePool;
  #slab = NO_VALUES;
  #slabUsed = 0;
  #sliceOf: RunRows = NO_ROWS;
  #slice: Float64Array = NO_VALUES;

  /** What the series' values lie in. */
  readonly slabs: Float64Array<ArrayBuffer>[] = [];

  /** With `instants`, rows that no instant looks at may be left out. */
  constructor(pool: ValuePool, instants: Instants | undefined) {
    this.#pool = pool;
    this.#instants = instants;
  }

  gather(runs: Run[]): Columns | null {
    const [first] = runs;
    if (first === undefined) return null;
    let rows = first.to - first.from;
    if (runs.length > 1) {
      for (let i = 1; i < runs.length; i++) rows += (runs[i]?.to ?? 0) - (runs[i]?.from ?? 0);
      if (!ascending(runs)) {
        runs.sort(byStart);
        if (!ascending(runs)) return mergeOverlapping(runs, rows);
      }
    }
    if (this.#instants?.count === 1) return this.#newest(runs, this.#instants.firstMs);
    if (runs.length === 1) {
      const values = first.ready();
      if (values !== null) return this.#cut(first, values);
    }
    return this.#join(runs, rows);
  }

  /** The newest sample at or before one instant; rows of after it may be there, where a query ends later. */
  #newest(runs: readonly Run[], atMs: number): Columns | null {
    const values = this.#take(1);
    for (let i = runs.length - 1; i >= 0; i--) {
      const run = runs[i];
      if (run === undefined) continue;
      const { timestamps, from, to } = run;
      let behind = to;
      while (behind > from && (timestamps[behind - 1] ?? 0) > atMs) behind--;
      for (let row = behind - from - 1; row >= 0; row--) {
        ROW[0] = row;
        if (!run.pick(ROW, values, 0)) return { timestamps: this.#instant(run, row), values };
      }
    }
    this.#slabUsed--;
    return null;
  }

  #instant(run: Run, row: number): Float64Array {
    const time = run.timestamps[run.from + row] ?? 0;
    let timestamps = this.#single.get(time);
    if (timestamps === undefined) this.#single.set(time, (timestamps = Float64Array.of(time)));
    return timestamps;
  }

  /** Rows that lie ready: nothing is copied. */
  #cut(run: Run, values: Float64Array): Columns {
    const { timestamps, from, to } = run;
    if (from === 0 && to === timestamps.length) return { timestamps, values };
    const last = this.#sliceOf;
    if (last.timestamps !== timestamps || last.from !== from || last.to !== to) {
      this.#sliceOf = { timestamps, from, to };
      this.#slice = timestamps.subarray(from, to);
    }
    return { timestamps: this.#slice, values: values.subarray(from, to) };
  }

  #join(runs: readonly Run[], rows: number): Columns | null {
    const shape = this.#shape(runs, rows);
    const { picked } = shape;
    if (picked !== null) {
      const values = this.#take(picked.timestamps.length);
      let at = 0;
      let gaps = false;
      for (let i = 0; i < runs.length; i++) {
        const wanted = picked.rows[i];
        if (wanted === undefined || wanted.length === 0) continue;
        if (runs[i]?.pick(wanted, values, at)) gaps = true;
        at += wanted.length;
      }
      // Where the newest row has no sample, an older one counts.
      if (!gaps) return { timestamps: picked.timestamps, values };
    }
    const values = this.#take(rows);
    let at = 0;
    let gaps = false;
    for (const run of runs) {
      if (run.read(values, at)) gaps = true;
      at += run.to - run.from;
    }
    const timestamps = shape.timestamps((count) => this.#take(count));
    return gaps ? withoutGaps(timestamps, values) : { timestamps, values };
  }

  #shape(runs: readonly Run[], rows: number): RowShape {
    const [last] = this.#shapes;
    if (last !== undefined && last.fits(runs)) return last;
    const at = this.#shapes.findIndex((shape) => shape.fits(runs));
    const [known] = at < 0 ? [] : this.#shapes.splice(at, 1);
    const shape = known ?? new RowShape(runs, rows, this.#instants);
    this.#shapes.unshift(shape);
    if (this.#shapes.length > MAX_SHAPES) this.#shapes.pop();
    return shape;
  }

  /** Room for one series' values, or times. */
  #take(count: number): Float64Array {
    if (this.#slabUsed + count > this.#slab.length) {
      this.#slab = this.#pool.take(count, this.#slab.length);
      this.slabs.push(this.#slab);
      this.#slabUsed = 0;
    }
    const from = this.#slabUsed;
    this.#slabUsed += count;
    return this.#slab.subarray(from, this.#slabUsed);
  }
}

const ROW = new Int32Array(1);

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
function withoutGaps(timestamps: Float64Array, values: Float64Array): Columns | null {
  let gaps = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    if (value !== value && isNoSample(value)) gaps++;
  }
  if (gaps === 0) return { timestamps, values };
  if (gaps === values.length) return null;
  const present = values.length - gaps;
  const kept = { timestamps: new Float64Array(present), values: new Float64Array(present) };
  let at = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    if (value !== value && isNoSample(value)) continue;
    kept.timestamps[at] = timestamps[i] ?? 0;
    kept.values.set(values.subarray(i, i + 1), at);
    at++;
  }
  return kept;
}
