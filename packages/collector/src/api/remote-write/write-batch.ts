import { writeStaleMarker } from '@plimsoll/proto';
import type { FloatHistogram, Labels } from '@plimsoll/promql';
import type { SampleAppend, SeriesRef } from '../../telemetry/store.ts';
import type { WrittenSeries } from './decode-write-request.ts';

/** A series that may be stored, with its place in the request. */
export interface ValidSeries {
  readonly at: number;
  readonly labels: Labels;
  readonly series: WrittenSeries;
}

/** Samples on their way into the store, each with the series it is of. */
export class Batch {
  readonly #series: readonly ValidSeries[];
  readonly #refs: Uint32Array;
  readonly #timestampsMs: Float64Array;
  readonly #values: Float64Array;
  /** For each sample its series, as an index of the valid ones. */
  readonly #owners: Uint32Array;
  #histograms: (FloatHistogram | undefined)[] | null = null;
  #startTimestampsMs: Float64Array | null = null;
  #length = 0;

  /** At most `size` samples of these series. */
  constructor(series: readonly ValidSeries[], size: number) {
    this.#series = series;
    this.#refs = new Uint32Array(size);
    this.#timestampsMs = new Float64Array(size);
    this.#values = new Float64Array(size);
    this.#owners = new Uint32Array(size);
  }

  get length(): number {
    return this.#length;
  }

  add(
    owner: number,
    ref: SeriesRef,
    timestampMs: number,
    startMs: number,
    value: number | 'stale' | FloatHistogram,
  ): void {
    const at = this.#length++;
    this.#refs[at] = ref;
    this.#timestampsMs[at] = timestampMs;
    this.#owners[at] = owner;
    if (typeof value === 'number') this.#values[at] = value;
    else if (value === 'stale') writeStaleMarker(this.#values, at);
    else this.#histogramColumn()[at] = value;
    if (startMs !== 0) this.#startColumn()[at] = startMs;
  }

  columns(): SampleAppend {
    const [histograms, startTimestampsMs] = [this.#histograms, this.#startTimestampsMs];
    return {
      refs: this.#refs.subarray(0, this.#length),
      timestampsMs: this.#timestampsMs.subarray(0, this.#length),
      values: this.#values.subarray(0, this.#length),
      ...(histograms && { histograms }),
      ...(startTimestampsMs && { startTimestampsMs: startTimestampsMs.subarray(0, this.#length) }),
    };
  }

  ownerOf(index: number): ValidSeries | undefined {
    return this.#series[this.#owners[index] ?? 0];
  }

  timestampAt(index: number): number {
    return this.#timestampsMs[index] ?? 0;
  }

  valueAt(index: number): number {
    return this.#values[index] ?? Number.NaN;
  }

  histogramAt(index: number): FloatHistogram | undefined {
    return this.#histograms?.[index];
  }

  #histogramColumn(): (FloatHistogram | undefined)[] {
    return (this.#histograms ??= Array.from({ length: this.#refs.length }, () => undefined));
  }

  #startColumn(): Float64Array {
    return (this.#startTimestampsMs ??= new Float64Array(this.#refs.length));
  }
}
