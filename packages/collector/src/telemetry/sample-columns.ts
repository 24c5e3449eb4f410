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

/** A float sample takes some 20 bytes in a request or in memory; a fourth of what limits of queries count it is a histogram's share. */
const WEIGHT_SHARE = 4;

/** How many float samples a sample takes the room of, in a request and about so in memory. */
export function weightOf(histogram: FloatHistogram | undefined): number {
  return histogram === undefined ? 1 : Math.max(1, histogram.sampleSize / WEIGHT_SHARE);
}

/** Where rows from `from` on end that take the room of `size` float samples; one row at least. */
export function endOfWeight(
  histograms: readonly (FloatHistogram | undefined)[] | undefined,
  from: number,
  count: number,
  size: number,
): number {
  if (histograms === undefined) return Math.min(from + Math.max(1, Math.floor(size)), count);
  let to = from + 1;
  for (let room = size - weightOf(histograms[from]); to < count; to++) {
    room -= weightOf(histograms[to]);
    if (room < 0) break;
  }
  return to;
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
