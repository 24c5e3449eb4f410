import { decodeColumn } from '../chunk/column-codec.ts';
import type { PaddedBytes } from '../chunk/padded-bytes.ts';
import type { FrameBlock } from '../head/frame-block.ts';

/** Which frames rows come from. */
export interface FrameOrder {
  readonly epochs: Float64Array;
  readonly sequences: Float64Array;
}

/** A run of samples of one series, ascending in time without repeats: rows [from, to) of what it stands in. */
export interface Run {
  readonly timestamps: Float64Array;
  readonly from: number;
  readonly to: number;
  /** By row: where runs overlap, the higher epoch and then sequence wins. Null counts as lowest. */
  order(): FrameOrder | null;
  /** Writes the values to `out` from `at`. True when rows may have no sample: those get the "no sample" NaN. */
  read(out: Float64Array, at: number): boolean;
}

let scratch = new Float64Array(1024);

/** Rows of an encoded column. */
export class EncodedRun implements Run {
  readonly timestamps: Float64Array;
  readonly from: number;
  readonly to: number;
  readonly #order: FrameOrder | (() => FrameOrder | null) | null;
  readonly #source: PaddedBytes;
  readonly #start: number;
  readonly #end: number;

  constructor(
    timestamps: Float64Array,
    from: number,
    to: number,
    order: FrameOrder | (() => FrameOrder | null) | null,
    source: PaddedBytes,
    start: number,
    end: number,
  ) {
    this.timestamps = timestamps;
    this.from = from;
    this.to = to;
    this.#order = order;
    this.#source = source;
    this.#start = start;
    this.#end = end;
  }

  order(): FrameOrder | null {
    return typeof this.#order === 'function' ? this.#order() : this.#order;
  }

  read(out: Float64Array, at: number): boolean {
    const rows = this.timestamps.length;
    if (this.from === 0 && this.to === rows) {
      return decodeColumn(this.#source, this.#start, this.#end, rows, out, at);
    }
    if (scratch.length < rows) scratch = new Float64Array(rows);
    const gaps = decodeColumn(this.#source, this.#start, this.#end, rows, scratch, 0);
    out.set(scratch.subarray(this.from, this.to), at);
    return gaps;
  }
}

/** Rows of one slot of an open block. */
export class BlockRun implements Run {
  readonly timestamps: Float64Array;
  readonly from: number;
  readonly to: number;
  readonly #block: FrameBlock;
  readonly #slot: number;

  constructor(block: FrameBlock, slot: number, from: number, to: number) {
    this.timestamps = block.timestamps;
    this.from = from;
    this.to = to;
    this.#block = block;
    this.#slot = slot;
  }

  order(): FrameOrder {
    return this.#block;
  }

  read(out: Float64Array, at: number): boolean {
    return readSlot(this.#block, this.#slot, this.from, this.to, out, at);
  }
}

/** Writes the values of one slot's rows [from, to) to `out` from `at`, with the answer of `Run.read`. */
export function readSlot(
  { set, values }: FrameBlock,
  slot: number,
  from: number,
  to: number,
  out: Float64Array,
  at: number,
): boolean {
  const stride = set.refs.length;
  let index = from * stride + slot;
  let gaps = false;
  for (let row = from; row < to; row++) {
    const value = values[index] ?? 0;
    // A NaN is copied as memory: its payload says what it means.
    if (value !== value) {
      out.set(values.subarray(index, index + 1), at + row - from);
      gaps = true;
    } else out[at + row - from] = value;
    index += stride;
  }
  return gaps;
}

/** Rows of plain columns, without frames behind them. */
export class PlainRun implements Run {
  readonly timestamps: Float64Array;
  readonly from: number;
  readonly to: number;
  readonly #values: Float64Array;

  constructor(timestamps: Float64Array, values: Float64Array, from: number, to: number) {
    this.timestamps = timestamps;
    this.from = from;
    this.to = to;
    this.#values = values;
  }

  order(): null {
    return null;
  }

  read(out: Float64Array, at: number): boolean {
    out.set(this.#values.subarray(this.from, this.to), at);
    return false;
  }
}
