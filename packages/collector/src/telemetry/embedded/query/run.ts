import { isNoSample } from '@plimsoll/proto';
import { decodeColumn } from '../chunk/column-codec.ts';
import { decodeDetails } from '../details/detail-column.ts';
import { type SampleDetails, sliceDetails } from '../details/sample-details.ts';
import type { FrameBlock } from '../head/frame-block.ts';
import type { DecodedRead } from './decoded-columns.ts';
import type { FrameOrder } from './frame-order.ts';
import type { SealedColumn } from './sealed-column.ts';

/** Rows [from, to) of columns with these times. */
export interface RunRows {
  readonly timestamps: Float64Array;
  readonly from: number;
  readonly to: number;
}

/** A run of samples of one series, ascending in time without repeats. */
export interface Run extends RunRows {
  /** By row: where runs overlap, the higher epoch and then sequence wins. Null counts as lowest. */
  order(): FrameOrder | null;
  /** Writes the values to `out` from `at`. True when rows may have no sample: those get the "no sample" NaN. */
  read(out: Float64Array, at: number): boolean;
  /** As `read`, of the rows with these numbers, counted from the run's first. */
  pick(rows: Int32Array, out: Float64Array, at: number): boolean;
  /** What the samples of the rows have beside their values, if anything. */
  details(): SampleDetails | null;
  /** The values by row where they lie ready and none is missing; not to be written to. */
  ready(): Float64Array | null;
}

let scratch = new Float64Array(1024);

const NOTHING = new Float64Array(0);

/** Rows of a sealed column. */
class SealedRun implements Run {
  readonly #decoded: DecodedRead;
  timestamps: Float64Array = NOTHING;
  from = 0;
  to = 0;
  #column: SealedColumn;

  constructor(decoded: DecodedRead, column: SealedColumn) {
    this.#decoded = decoded;
    this.#column = column;
  }

  set(column: SealedColumn, from: number, to: number): this {
    this.timestamps = column.timestamps;
    this.from = from;
    this.to = to;
    this.#column = column;
    return this;
  }

  order(): FrameOrder | null {
    return this.#column.order?.() ?? null;
  }

  read(out: Float64Array, at: number): boolean {
    const values = this.#decoded.values(this.#column);
    if (values !== null) {
      out.set(values.subarray(this.from, this.to), at);
      return this.#column.gaps;
    }
    const { source, start, end } = this.#column;
    const rows = this.timestamps.length;
    if (this.from === 0 && this.to === rows) return decodeColumn(source, start, end, rows, out, at);
    const gaps = this.#decodeAside();
    out.set(scratch.subarray(this.from, this.to), at);
    return gaps;
  }

  pick(rows: Int32Array, out: Float64Array, at: number): boolean {
    const values = this.#decoded.values(this.#column);
    if (values === null) this.#decodeAside();
    return copyRows(values ?? scratch, this.from, 1, rows, out, at);
  }

  ready(): Float64Array | null {
    const values = this.#decoded.values(this.#column);
    if (values === null || this.#column.gaps) return null;
    this.#column.lend();
    return values;
  }

  details(): SampleDetails | null {
    const { detailsAt, source } = this.#column;
    if (detailsAt < 0) return null;
    const all = decodeDetails(source, detailsAt, this.timestamps.length);
    return sliceDetails(all, this.from, this.to);
  }

  #decodeAside(): boolean {
    const { source, start, end } = this.#column;
    const rows = this.timestamps.length;
    if (scratch.length < rows) scratch = new Float64Array(rows);
    return decodeColumn(source, start, end, rows, scratch, 0);
  }
}

/** Rows of one slot of an open block. */
class BlockRun implements Run {
  timestamps: Float64Array = NOTHING;
  from = 0;
  to = 0;
  #block: FrameBlock;
  #slot = 0;

  constructor(block: FrameBlock) {
    this.#block = block;
  }

  set(block: FrameBlock, slot: number, from: number, to: number): this {
    this.timestamps = block.timestamps;
    this.from = from;
    this.to = to;
    this.#block = block;
    this.#slot = slot;
    return this;
  }

  order(): FrameOrder {
    return this.#block;
  }

  read(out: Float64Array, at: number): boolean {
    const { values, set } = this.#block;
    const stride = set.refs.length;
    let index = this.from * stride + this.#slot;
    let gaps = false;
    const end = at + this.to - this.from;
    for (let i = at; i < end; i++) {
      const value = values[index] ?? 0;
      // A NaN is copied as memory: its payload says what it means.
      if (value !== value) {
        out.set(values.subarray(index, index + 1), i);
        gaps = true;
      } else out[i] = value;
      index += stride;
    }
    return gaps;
  }

  pick(rows: Int32Array, out: Float64Array, at: number): boolean {
    const { values, set } = this.#block;
    const stride = set.refs.length;
    return copyRows(values, this.from * stride + this.#slot, stride, rows, out, at);
  }

  details(): null {
    return null;
  }

  ready(): null {
    return null;
  }
}

/** Rows of plain columns, without frames behind them. */
class PlainRun implements Run {
  timestamps: Float64Array = NOTHING;
  from = 0;
  to = 0;
  #values: Float64Array = NOTHING;
  #final = false;
  #details: SampleDetails | null = null;

  set(
    timestamps: Float64Array,
    values: Float64Array,
    from: number,
    to: number,
    final: boolean,
    details: SampleDetails | null,
  ): this {
    this.timestamps = timestamps;
    this.from = from;
    this.to = to;
    this.#values = values;
    this.#final = final;
    this.#details = details;
    return this;
  }

  order(): null {
    return null;
  }

  read(out: Float64Array, at: number): boolean {
    out.set(this.#values.subarray(this.from, this.to), at);
    return false;
  }

  pick(rows: Int32Array, out: Float64Array, at: number): boolean {
    return copyRows(this.#values, this.from, 1, rows, out, at);
  }

  details(): SampleDetails | null {
    return this.#details;
  }

  ready(): Float64Array | null {
    return this.#final ? this.#values : null;
  }
}

/** Copies the values at `first + row * stride`; true when any of them is no sample. */
function copyRows(
  values: Float64Array,
  first: number,
  stride: number,
  rows: Int32Array,
  out: Float64Array,
  at: number,
): boolean {
  let gaps = false;
  for (let i = 0; i < rows.length; i++) {
    const index = first + (rows[i] ?? 0) * stride;
    const value = values[index] ?? 0;
    if (value !== value) {
      out.set(values.subarray(index, index + 1), at + i);
      if (isNoSample(value)) gaps = true;
    } else out[at + i] = value;
  }
  return gaps;
}

/** The runs of one series; used again for the next, because a query has thousands of series. */
export class RunList {
  readonly runs: Run[] = [];
  /** Some samples have more than a value. */
  detailed = false;
  readonly #decoded: DecodedRead;
  readonly #sealed: SealedRun[] = [];
  readonly #blocks: BlockRun[] = [];
  readonly #plain: PlainRun[] = [];
  #usedSealed = 0;
  #usedBlocks = 0;
  #usedPlain = 0;

  constructor(decoded: DecodedRead) {
    this.#decoded = decoded;
  }

  /** Forgets the runs there are; what was given out of them must not be used any more. */
  clear(): this {
    this.runs.length = 0;
    this.detailed = false;
    this.#usedSealed = 0;
    this.#usedBlocks = 0;
    this.#usedPlain = 0;
    return this;
  }

  addSealed(column: SealedColumn, from: number, to: number): void {
    const run = (this.#sealed[this.#usedSealed++] ??= new SealedRun(this.#decoded, column));
    if (column.detailsAt >= 0) this.detailed = true;
    this.runs.push(run.set(column, from, to));
  }

  addBlock(block: FrameBlock, slot: number, from: number, to: number): void {
    const run = (this.#blocks[this.#usedBlocks++] ??= new BlockRun(block));
    this.runs.push(run.set(block, slot, from, to));
  }

  /** `final`: nothing will be written to the columns any more. `details` are those of the rows [from, to). */
  addPlain(
    timestamps: Float64Array,
    values: Float64Array,
    from: number,
    to: number,
    final: boolean,
    details: SampleDetails | null = null,
  ): void {
    const run = (this.#plain[this.#usedPlain++] ??= new PlainRun());
    if (details !== null) this.detailed = true;
    this.runs.push(run.set(timestamps, values, from, to, final, details));
  }
}
