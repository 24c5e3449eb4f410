import type { SeriesRef } from '../../store.ts';

const FIRST_CAPACITY = 4;

/** What became of one sample, Prometheus' classes; `repeated` is the same sample again, which is no error. */
export type SampleVerdict = 'accepted' | 'repeated' | 'outOfOrder' | 'tooOld' | 'duplicate';

/** Recent samples of a series that no agent's frames carry: rule results and remote-written ones. */
export class LooseSeries {
  readonly ref: SeriesRef;
  /** Ascending, without repeats. */
  timestamps = new Float64Array(FIRST_CAPACITY);
  values = new Float64Array(FIRST_CAPACITY);
  count = 0;
  newestMs = -Infinity;
  /** Segments of the log that hold the samples collected here. */
  firstSegment = 0;
  lastSegment = 0;
  /** On the monotonic clock. */
  openedAtMs = 0;
  /** The newest sample's value, also after it was taken away. */
  readonly #newest = new Float64Array(1);

  constructor(ref: SeriesRef) {
    this.ref = ref;
  }

  /** Decides on one sample and takes it when it is acceptable. */
  append(
    timestampMs: number,
    values: Float64Array,
    index: number,
    outOfOrderWindowMs: number,
  ): SampleVerdict {
    if (timestampMs > this.newestMs) {
      this.#insert(this.count, timestampMs, values, index);
      this.newestMs = timestampMs;
      this.#newest.set(values.subarray(index, index + 1));
      return 'accepted';
    }
    if (timestampMs === this.newestMs)
      return sameBits(this.#newest, 0, values, index) ? 'repeated' : 'duplicate';
    const at = this.#position(timestampMs);
    if (at < this.count && this.timestamps[at] === timestampMs) {
      return sameBits(this.values, at, values, index) ? 'repeated' : 'duplicate';
    }
    if (timestampMs < this.newestMs - outOfOrderWindowMs) {
      return outOfOrderWindowMs === 0 ? 'outOfOrder' : 'tooOld';
    }
    this.#insert(at, timestampMs, values, index);
    return 'accepted';
  }

  /** Forgets the samples collected so far, but for what the newest was. */
  clear(): void {
    this.timestamps = new Float64Array(FIRST_CAPACITY);
    this.values = new Float64Array(FIRST_CAPACITY);
    this.count = 0;
  }

  #position(timestampMs: number): number {
    let at = this.count;
    while (at > 0 && (this.timestamps[at - 1] ?? 0) >= timestampMs) at--;
    return at;
  }

  #insert(at: number, timestampMs: number, values: Float64Array, index: number): void {
    if (this.count === this.timestamps.length) {
      this.timestamps = grown(this.timestamps);
      this.values = grown(this.values);
    }
    this.timestamps.copyWithin(at + 1, at, this.count);
    this.values.copyWithin(at + 1, at, this.count);
    this.timestamps[at] = timestampMs;
    // Copied as memory: a stale marker's bits must not pass through arithmetic.
    this.values.set(values.subarray(index, index + 1), at);
    this.count++;
  }
}

function grown(old: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(old.length * 2);
  larger.set(old);
  return larger;
}

function sameBits(a: Float64Array, i: number, b: Float64Array, j: number): boolean {
  const left = new Uint32Array(a.buffer, a.byteOffset + i * 8, 2);
  const right = new Uint32Array(b.slice(j, j + 1).buffer);
  return left[0] === right[0] && left[1] === right[1];
}
