import type { FloatHistogram } from '@plimsoll/promql';
import type { SeriesRef } from '../../store.ts';
import type { SampleDetail } from '../details/sample-details.ts';
import { OpenDetails } from './open-details.ts';

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
  /** By row; null while the samples are values alone. */
  details: OpenDetails | null = null;
  newestMs = -Infinity;
  /** Segments of the log that hold the samples collected here. */
  firstSegment = 0;
  lastSegment = 0;
  /** On the monotonic clock. */
  openedAtMs = 0;
  /** The newest sample's value, also after it was taken away. */
  readonly #newest = new Float64Array(1);
  #newestHistogram: FloatHistogram | undefined;

  constructor(ref: SeriesRef) {
    this.ref = ref;
  }

  /** Decides on one sample and takes it when it is acceptable. */
  append(
    timestampMs: number,
    values: Float64Array,
    index: number,
    outOfOrderWindowMs: number,
    detail: SampleDetail | null = null,
  ): SampleVerdict {
    const histogram = detail?.histogram;
    if (timestampMs > this.newestMs) {
      this.#insert(this.count, timestampMs, values, index, detail);
      this.newestMs = timestampMs;
      copyBits(values, index, this.#newest, 0);
      this.#newestHistogram = histogram;
      return 'accepted';
    }
    if (timestampMs === this.newestMs) {
      const same = sameSample(this.#newest, 0, this.#newestHistogram, values, index, histogram);
      return same ? 'repeated' : 'duplicate';
    }
    const at = this.#position(timestampMs);
    if (at < this.count && this.timestamps[at] === timestampMs) {
      const known = this.details?.histograms[at];
      return sameSample(this.values, at, known, values, index, histogram) ? 'repeated' : 'duplicate';
    }
    if (timestampMs < this.newestMs - outOfOrderWindowMs) {
      return outOfOrderWindowMs === 0 ? 'outOfOrder' : 'tooOld';
    }
    this.#insert(at, timestampMs, values, index, detail);
    return 'accepted';
  }

  /** Forgets the samples collected so far, but for what the newest was. */
  clear(): void {
    this.timestamps = new Float64Array(FIRST_CAPACITY);
    this.values = new Float64Array(FIRST_CAPACITY);
    this.count = 0;
    this.details = null;
  }

  #position(timestampMs: number): number {
    let at = this.count;
    while (at > 0 && (this.timestamps[at - 1] ?? 0) >= timestampMs) at--;
    return at;
  }

  #insert(
    at: number,
    timestampMs: number,
    values: Float64Array,
    index: number,
    detail: SampleDetail | null,
  ): void {
    if (detail !== null) this.details ??= new OpenDetails(this.count);
    if (this.count === this.timestamps.length) {
      this.timestamps = grown(this.timestamps);
      this.values = grown(this.values);
    }
    this.timestamps.copyWithin(at + 1, at, this.count);
    this.values.copyWithin(at + 1, at, this.count);
    this.timestamps[at] = timestampMs;
    // Copied as memory: a stale marker's bits must not pass through arithmetic.
    if (detail?.histogram === undefined) this.values.set(values.subarray(index, index + 1), at);
    else this.values[at] = 0;
    this.details?.insert(at, detail);
    this.count++;
  }
}

function grown(old: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(old.length * 2);
  larger.set(old);
  return larger;
}

function sameSample(
  a: Float64Array,
  i: number,
  histogram: FloatHistogram | undefined,
  b: Float64Array,
  j: number,
  other: FloatHistogram | undefined,
): boolean {
  if (histogram === undefined || other === undefined) return histogram === other && sameBits(a, i, b, j);
  return histogram.equals(other);
}

/** A NaN is copied as memory: a stale marker's bits must not pass through arithmetic. */
function copyBits(from: Float64Array, i: number, to: Float64Array, j: number): void {
  const value = from[i] ?? 0;
  if (value === value) to[j] = value;
  else to.set(from.subarray(i, i + 1), j);
}

function sameBits(a: Float64Array, i: number, b: Float64Array, j: number): boolean {
  const value = a[i] ?? 0;
  if (value === value) return Object.is(value, b[j]);
  const left = new Uint32Array(a.buffer, a.byteOffset + i * 8, 2);
  const right = new Uint32Array(b.slice(j, j + 1).buffer);
  return left[0] === right[0] && left[1] === right[1];
}
