import type { FloatHistogram } from '@plimsoll/promql';

/** What samples have beside a value, by row. */
export interface SampleDetails {
  /** Native histograms; where one is set, the value at that row is 0. */
  readonly histograms: readonly (FloatHistogram | undefined)[];
  /** When the counting began, in milliseconds; 0 where that is not known. */
  readonly startTimestampsMs: Float64Array;
}

/** What one sample has beside its value. */
export interface SampleDetail {
  readonly histogram: FloatHistogram | undefined;
  readonly startTimestampMs: number;
}

/** Rows [from, to). */
export function sliceDetails(details: SampleDetails, from: number, to: number): SampleDetails {
  return {
    histograms: details.histograms.slice(from, to),
    startTimestampsMs: details.startTimestampsMs.slice(from, to),
  };
}
