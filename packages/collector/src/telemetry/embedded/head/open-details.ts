import type { FloatHistogram } from '@plimsoll/promql';
import { type SampleDetail, type SampleDetails, sliceDetails } from '../details/sample-details.ts';

/** Details of a series' open samples, kept in step with its columns. */
export class OpenDetails {
  readonly histograms: (FloatHistogram | undefined)[];
  readonly #startTimestampsMs: number[];

  /** So many samples had none. */
  constructor(count: number) {
    this.histograms = Array.from({ length: count }, () => undefined);
    this.#startTimestampsMs = Array.from({ length: count }, () => 0);
  }

  insert(at: number, detail: SampleDetail | null): void {
    this.histograms.splice(at, 0, detail?.histogram);
    this.#startTimestampsMs.splice(at, 0, detail?.startTimestampMs ?? 0);
  }

  slice(from: number, to: number): SampleDetails {
    const startTimestampsMs = Float64Array.from(this.#startTimestampsMs);
    return sliceDetails({ histograms: this.histograms, startTimestampsMs }, from, to);
  }
}
