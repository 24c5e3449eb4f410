import type { FrameSet } from './frame-set.ts';

/** Recent collections of one frame set within one window of time: a matrix with a row for each frame, as they came. */
export class FrameBlock {
  readonly id: number;
  readonly set: FrameSet;
  readonly windowStartMs: number;
  readonly capacity: number;
  /** Number of the commit group that holds the first row: the log is kept from there on. */
  readonly firstGroup: number;
  readonly openedAtMs: number;
  readonly timestamps: Float64Array<ArrayBuffer>;
  readonly epochs: Float64Array<ArrayBuffer>;
  readonly sequences: Float64Array<ArrayBuffer>;
  /** Row-major, `set.refs.length` columns, shared with the writer's thread once the block is closed. */
  readonly values: Float64Array<SharedArrayBuffer>;
  rows = 0;
  /** Rows are in ascending time without repeats, so that columns can be read as they are. */
  inOrder = true;

  constructor(init: {
    id: number;
    set: FrameSet;
    windowStartMs: number;
    capacity: number;
    firstGroup: number;
    openedAtMs: number;
    memory: SharedArrayBuffer;
  }) {
    this.id = init.id;
    this.set = init.set;
    this.windowStartMs = init.windowStartMs;
    this.capacity = init.capacity;
    this.firstGroup = init.firstGroup;
    this.openedAtMs = init.openedAtMs;
    this.timestamps = new Float64Array(init.capacity);
    this.epochs = new Float64Array(init.capacity);
    this.sequences = new Float64Array(init.capacity);
    this.values = new Float64Array(init.memory, 0, init.capacity * init.set.refs.length);
  }

  get full(): boolean {
    return this.rows === this.capacity;
  }

  append(timestampMs: number, epoch: number, sequence: number, values: Float64Array): void {
    const row = this.rows;
    if (row > 0 && timestampMs <= (this.timestamps[row - 1] ?? 0)) this.inOrder = false;
    this.timestamps[row] = timestampMs;
    this.epochs[row] = epoch;
    this.sequences[row] = sequence;
    this.values.set(values, row * this.set.refs.length);
    this.rows = row + 1;
  }
}
