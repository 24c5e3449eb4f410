import type { FloatHistogram } from '@plimsoll/promql';

/** Samples as columns: the i-th elements belong together. */
export interface SampleColumns {
  /** Numbers of series. */
  readonly refs: Uint32Array;
  readonly timestampsMs: Float64Array;
  /** May hold stale markers, never "no sample". */
  readonly values: Float64Array;
  /** Native histograms; where one is set, the value at its index is not looked at. It may be shorter than the others. */
  readonly histograms?: readonly (FloatHistogram | undefined)[];
  /** When the counting began, in milliseconds; 0, or nothing, where that is not known. */
  readonly startTimestampsMs?: Float64Array;
}

/** Rows [from, to). */
export function sliceSamples(samples: SampleColumns, from: number, to: number): SampleColumns {
  const { refs, timestampsMs, values, histograms, startTimestampsMs } = samples;
  return {
    refs: refs.subarray(from, to),
    timestampsMs: timestampsMs.subarray(from, to),
    values: values.subarray(from, to),
    ...(histograms && { histograms: histograms.slice(from, to) }),
    ...(startTimestampsMs && { startTimestampsMs: startTimestampsMs.subarray(from, to) }),
  };
}

/** These rows, in this order. */
export function pickSamples(samples: SampleColumns, rows: readonly number[]): SampleColumns {
  const { refs, timestampsMs, histograms, startTimestampsMs } = samples;
  const values = new Float64Array(rows.length);
  // Copied as memory: a stale marker's bits must not pass through arithmetic.
  rows.forEach((from, to) => values.set(samples.values.subarray(from, from + 1), to));
  return {
    refs: Uint32Array.from(rows, (row) => refs[row] ?? 0),
    timestampsMs: Float64Array.from(rows, (row) => timestampsMs[row] ?? 0),
    values,
    ...(histograms && { histograms: rows.map((row) => histograms[row]) }),
    ...(startTimestampsMs && {
      startTimestampsMs: Float64Array.from(rows, (row) => startTimestampsMs[row] ?? 0),
    }),
  };
}
