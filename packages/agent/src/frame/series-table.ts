import { strict as assert } from 'node:assert';
import { writeNoSample, writeStaleMarker } from '@plimsoll/proto';
import { MAX_SERIES } from '../limits.ts';
import type { Series } from './series.ts';

const INITIAL_SLOTS = 512;
/** Where the run of a full table would be: writing there, and a little after, does nothing. */
const NO_SLOT = -(2 ** 30);

/** Where the series of a table have changed since the last frame. */
export interface LayoutChange {
  readonly size: number;
  /** Slots with a new series, or none (undefined: the slot is free). */
  readonly slots: readonly { readonly slot: number; readonly series: Series | undefined }[];
}

/**
 * The slots behind frames: a collector asks for a run of slots once and from then on writes numbers straight into
 * them. A run that ends says so once, by the stale marker in the next frame, and its slots are free after that frame.
 */
export class SeriesTable {
  #values = new Float64Array(INITIAL_SLOTS);
  #blank = blank(INITIAL_SLOTS);
  #size = 0;
  #live = 0;
  #layoutId = 0;
  #refused = 0;
  readonly #series: (Series | undefined)[] = [];
  readonly #changed = new Set<number>();
  #ended: { first: number; count: number }[] = [];
  /** First slots of free runs, by the length of the run: layouts repeat, so lengths fit exactly. */
  readonly #free = new Map<number, number[]>();

  /** Slots in use or free, as frames have them. */
  get size(): number {
    return this.#size;
  }

  /** Grows with every change of the layout. */
  get layoutId(): number {
    return this.#layoutId;
  }

  /** Series alive now. */
  get live(): number {
    return this.#live;
  }

  /** Series refused for the limit, since the start. */
  get refused(): number {
    return this.#refused;
  }

  /**
   * Adds a run of series and returns its first slot. When the table is at its limit the run is refused and counted,
   * and what is written to its slots goes nowhere: the series there already are unharmed.
   */
  add(run: readonly Series[]): number {
    if (this.#live + run.length > MAX_SERIES) {
      this.#refused += run.length;
      return NO_SLOT;
    }
    const first = this.#free.get(run.length)?.pop() ?? this.#extend(run.length);
    for (const [index, series] of run.entries()) {
      this.#series[first + index] = series;
      this.#changed.add(first + index);
    }
    this.#live += run.length;
    this.#layoutId++;
    return first;
  }

  /** Ends a run: the next frame marks it stale, later frames do not have it. */
  remove(first: number, count: number): void {
    if (first < 0) return;
    this.#live -= count;
    this.#layoutId++;
    this.#ended.push({ first, count });
  }

  set(slot: number, value: number): void {
    if (slot >= 0) this.#values[slot] = value;
  }

  get(slot: number): number {
    return this.#values[slot] ?? Number.NaN;
  }

  /** Forgets the values of the last collection: what no collector writes now has no sample. */
  begin(): void {
    this.#values.set(this.#blank);
  }

  /** The series not ended, each with its slot, in slot order. */
  *series(): Generator<{ readonly slot: number; readonly series: Series }> {
    const ended = new Set<number>();
    for (const { first, count } of this.#ended) for (let i = 0; i < count; i++) ended.add(first + i);
    for (let slot = 0; slot < this.#size; slot++) {
      const series = this.#series[slot];
      if (series !== undefined && !ended.has(slot)) yield { slot, series };
    }
  }

  /** What changed since the last call; undefined when nothing did. */
  takeChange(): LayoutChange | undefined {
    if (this.#changed.size === 0) return undefined;
    const slots = [...this.#changed]
      .sort((a, b) => a - b)
      .map((slot) => ({ slot, series: this.#series[slot] }));
    this.#changed.clear();
    return { size: this.#size, slots };
  }

  /** The collection's values as little-endian doubles, one for each slot; frees the slots of ended runs. */
  takeValues(): Uint8Array {
    for (const { first, count } of this.#ended) {
      for (let slot = first; slot < first + count; slot++) writeStaleMarker(this.#values, slot);
    }
    const bytes = new Uint8Array(this.#values.buffer, 0, this.#size * 8).slice();
    for (const run of this.#ended) this.#release(run);
    this.#ended = [];
    return bytes;
  }

  #release({ first, count }: { first: number; count: number }): void {
    for (let slot = first; slot < first + count; slot++) {
      this.#series[slot] = undefined;
      this.#changed.add(slot);
    }
    const runs = this.#free.get(count);
    if (runs === undefined) this.#free.set(count, [first]);
    else runs.push(first);
  }

  #extend(count: number): number {
    const first = this.#size;
    this.#size += count;
    let capacity = this.#values.length;
    while (capacity < this.#size) capacity *= 2;
    if (capacity > this.#values.length) {
      const grown = blank(capacity);
      this.#blank = grown.slice();
      grown.set(this.#values.subarray(0, first));
      this.#values = grown;
    }
    assert(this.#size <= this.#values.length);
    return first;
  }
}

function blank(capacity: number): Float64Array<ArrayBuffer> {
  const values = new Float64Array(capacity);
  for (let slot = 0; slot < capacity; slot++) writeNoSample(values, slot);
  return values;
}
