import type { FloatHistogram } from '../histogram/float-histogram.ts';
import { isMetadata, type Labels } from '../labels.ts';
import { executionError } from '../errors.ts';
import type { ColumnMemory } from './column-memory.ts';

/** What a step of a column holds. */
export const ABSENT = 0;
export const FLOAT = 1;
export const HISTOGRAM = 2;

/** One series over the steps of a grid. The arrays are as long as the grid; absent steps have meaningless values. */
export interface Column {
  readonly labels: Labels;
  readonly values: Float64Array;
  /** ABSENT, FLOAT or HISTOGRAM for each step. */
  readonly presence: Uint8Array;
  /** By step, where the series has native histograms at all. */
  readonly histograms?: (FloatHistogram | undefined)[];
  /** The metric name is to be dropped at the end, where names are dropped late. */
  readonly dropName: boolean;
}

/** A column under construction. */
export interface MutableColumn extends Column {
  labels: Labels;
  histograms?: (FloatHistogram | undefined)[];
  dropName: boolean;
}

export function newColumn(labels: Labels, count: number, dropName = false): MutableColumn {
  return { labels, values: new Float64Array(count), presence: new Uint8Array(count), dropName };
}

/** The most columns one block of memory is made for; more steps, fewer columns. */
const COLUMNS_PER_BLOCK = 256;
const NUMBERS_PER_BLOCK = 1 << 16;

/** Makes many columns for the same steps. They share blocks of memory, which costs far less than one block each. */
export class ColumnFactory {
  readonly #steps: number;
  readonly #perBlock: number;
  readonly #memory: ColumnMemory | null;
  #left: number;
  #values: Float64Array = new Float64Array(0);
  #presence: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;

  /** `expected` is how many columns there will be, as far as is known; without `memory` they may be kept. */
  constructor(steps: number, expected: number, memory: ColumnMemory | null) {
    this.#steps = steps;
    this.#left = Math.max(1, expected);
    this.#memory = memory;
    this.#perBlock = Math.max(
      1,
      Math.min(COLUMNS_PER_BLOCK, Math.floor(NUMBERS_PER_BLOCK / Math.max(1, steps))),
    );
  }

  make(labels: Labels, dropName = false): MutableColumn {
    const values = this.makeValues();
    if (this.#presence.length === 0) {
      const bytes = this.#take(Math.ceil(this.#end / 8));
      this.#presence = new Uint8Array(bytes.buffer, bytes.byteOffset, this.#end).fill(ABSENT);
    }
    return { labels, values, presence: this.#presence.subarray(this.#at - this.#steps, this.#at), dropName };
  }

  /** Values alone, with anything in them. */
  makeValues(): Float64Array {
    if (this.#at >= this.#end) {
      this.#end = this.#steps * Math.min(this.#left, this.#perBlock);
      this.#values = this.#take(this.#end);
      this.#presence = new Uint8Array(0);
      this.#at = 0;
    }
    const from = this.#at;
    this.#at += this.#steps;
    this.#left = Math.max(1, this.#left - 1);
    return this.#values.subarray(from, this.#at);
  }

  #take(count: number): Float64Array {
    return this.#memory?.take(count) ?? new Float64Array(count);
  }
}

export function setFloat(column: MutableColumn, step: number, value: number): void {
  column.values[step] = value;
  column.presence[step] = FLOAT;
}

export function setHistogram(column: MutableColumn, step: number, histogram: FloatHistogram): void {
  column.histograms ??= Array.from({ length: column.values.length });
  column.histograms[step] = histogram;
  column.presence[step] = HISTOGRAM;
}

/** The histogram at a step, undefined where there is none. */
export function histogramAt(column: Column, step: number): FloatHistogram | undefined {
  return column.presence[step] === HISTOGRAM ? column.histograms?.[step] : undefined;
}

/** Copies one step of a column into another. */
export function copyStep(from: Column, to: MutableColumn, step: number): void {
  if (from.presence[step] === FLOAT) setFloat(to, step, from.values[step] ?? 0);
  else {
    const histogram = histogramAt(from, step);
    if (histogram) setHistogram(to, step, histogram);
  }
}

export function isEmpty(column: Column): boolean {
  const { presence } = column;
  for (let step = 0; step < presence.length; step++) if (presence[step] !== ABSENT) return false;
  return true;
}

/** The numbers at the steps at which a column holds a kind of sample, or any kind. */
export function compress(numbers: Float64Array, presence: Uint8Array, kind?: number): Float64Array {
  const kept = new Float64Array(numbers.length);
  let count = 0;
  for (let step = 0; step < numbers.length; step++) {
    const present = presence[step];
    if (kind === undefined ? present !== ABSENT : present === kind) kept[count++] = numbers[step] ?? 0;
  }
  return kept.slice(0, count);
}

/** Columns that have at least one step. */
export function withoutEmpty<C extends Column>(columns: readonly C[]): C[] {
  return columns.filter((column) => !isEmpty(column));
}

export { isMetadata };

/** Labels without the metric's name, type and unit. */
export function dropMetadata(labels: Labels): Labels {
  return labels.withoutMetadata();
}

const DUPLICATE = 'vector cannot contain metrics with the same labelset';

/** Fails where two columns with the same labels have a value at the same step; else joins them. */
export function mergeSameLabels(columns: readonly Column[]): Column[] {
  if (columns.length < 2) return [...columns];
  const byKey = new Map<string, Column>();
  for (const column of columns) {
    const { key } = column.labels;
    const other = byKey.get(key);
    byKey.set(key, other ? join(other, column) : column);
  }
  return byKey.size === columns.length ? [...columns] : [...byKey.values()];
}

/**
 * As `mergeSameLabels`, for columns whose metric name was dropped from the labels given: where all had the same name,
 * and neither type nor unit, they still differ.
 */
export function mergeAfterDrop(columns: readonly Column[], before: readonly Labels[]): Column[] {
  const name = before[0]?.name;
  const sameName = before.every(
    (labels) => labels.name === name && !labels.has('__type__') && !labels.has('__unit__'),
  );
  return sameName ? [...columns] : mergeSameLabels(columns);
}

function join(a: Column, b: Column): Column {
  // Whether the name goes is decided by the sample that comes first.
  const { dropName } = firstStep(a) <= firstStep(b) ? a : b;
  const joined = newColumn(a.labels, a.values.length, dropName);
  for (let step = 0; step < a.presence.length; step++) {
    const inA = a.presence[step] !== ABSENT;
    const inB = b.presence[step] !== ABSENT;
    if (inA && inB) throw executionError(DUPLICATE);
    if (inA) copyStep(a, joined, step);
    else if (inB) copyStep(b, joined, step);
  }
  return joined;
}

function firstStep({ presence }: Column): number {
  const first = presence.findIndex((kind) => kind !== ABSENT);
  return first === -1 ? presence.length : first;
}
