import type { EncodedFrames } from './encoded-blocks.ts';
import type { FrameSet } from './frame-set.ts';

/** Recent collections of one frame set within one window of time: a matrix with a row for each frame, as they came. */
export class FrameBlock {
  readonly id: number;
  readonly set: FrameSet;
  readonly windowStartMs: number;
  readonly capacity: number;
  /** Segments of the log that hold the rows: the log is kept from the first on until the block is sealed. */
  readonly firstSegment: number;
  lastSegment: number;
  /** On the monotonic clock: a block is closed when it is old, whatever the wall clock does. */
  readonly openedAtMs: number;
  readonly timestamps: Float64Array<ArrayBuffer>;
  readonly epochs: Float64Array<ArrayBuffer>;
  readonly sequences: Float64Array<ArrayBuffer>;
  /** Row-major, `set.refs.length` columns, shared with the writer's thread once the block is closed. */
  readonly values: Float64Array<SharedArrayBuffer>;
  rows = 0;
  /** Rows are in ascending time without repeats, so that columns can be read as they are. */
  inOrder = true;
  /** No more rows: the block is being sealed. */
  closed = false;
  /** Layers that are on the disk already. */
  readonly sealed: (EncodedFrames | undefined)[] = [];

  constructor(init: {
    id: number;
    set: FrameSet;
    windowStartMs: number;
    capacity: number;
    segment: number;
    openedAtMs: number;
    values: Float64Array<SharedArrayBuffer>;
  }) {
    this.id = init.id;
    this.set = init.set;
    this.windowStartMs = init.windowStartMs;
    this.capacity = init.capacity;
    this.firstSegment = init.segment;
    this.lastSegment = init.segment;
    this.openedAtMs = init.openedAtMs;
    this.timestamps = new Float64Array(init.capacity);
    this.epochs = new Float64Array(init.capacity);
    this.sequences = new Float64Array(init.capacity);
    this.values = init.values;
  }

  get open(): boolean {
    return !this.closed && this.rows < this.capacity;
  }

  append(frame: FrameRow, values: Float64Array, segment: number): void {
    const { timestampMs, epoch, sequence } = frame;
    const row = this.rows;
    this.lastSegment = segment;
    if (row > 0 && timestampMs <= (this.timestamps[row - 1] ?? 0)) this.inOrder = false;
    this.timestamps[row] = timestampMs;
    this.epochs[row] = epoch;
    this.sequences[row] = sequence;
    this.values.set(values, row * this.set.refs.length);
    this.rows = row + 1;
  }

  /**
   * The rows as lists of strictly ascending times: one list where frames came in order, and a further one for each
   * time a second frame had.
   */
  layers(): Uint32Array[] {
    if (this.inOrder) return [Uint32Array.from({ length: this.rows }, (_, row) => row)];
    const rows = Array.from({ length: this.rows }, (_, row) => row).sort(
      (a, b) => (this.timestamps[a] ?? 0) - (this.timestamps[b] ?? 0) || a - b,
    );
    const layers: number[][] = [];
    let repeats = 0;
    rows.forEach((row, i) => {
      const before = rows[i - 1] ?? -1;
      repeats = this.timestamps[before] === this.timestamps[row] ? repeats + 1 : 0;
      (layers[repeats] ??= []).push(row);
    });
    return layers.map((layer) => Uint32Array.from(layer));
  }
}

export interface FrameRow {
  readonly timestampMs: number;
  readonly epoch: number;
  readonly sequence: number;
}
