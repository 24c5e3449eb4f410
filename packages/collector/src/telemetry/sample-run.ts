import type { SeriesColumns } from '@plimsoll/promql';

/** Samples of one series, or a part of them. */
export type SampleRun = Pick<SeriesColumns, 'timestamps' | 'values' | 'histograms' | 'startTimestamps'>;

/** The rows [from, to) of a run. */
export function sliceRun(run: SampleRun, from: number, to: number): SampleRun {
  const { timestamps, values, histograms, startTimestamps } = run;
  return {
    timestamps: timestamps.subarray(from, to),
    values: values.subarray(from, to),
    ...(histograms && { histograms: histograms.slice(from, to) }),
    ...(startTimestamps && { startTimestamps: startTimestamps.subarray(from, to) }),
  };
}

/** These rows of a run, in this order. */
export function pickRun(run: SampleRun, rows: readonly number[]): SampleRun {
  const { timestamps, histograms, startTimestamps } = run;
  const values = new Float64Array(rows.length);
  // As memory: the bits of a NaN say what it means.
  rows.forEach((from, to) => values.set(run.values.subarray(from, from + 1), to));
  return {
    timestamps: Float64Array.from(rows, (row) => timestamps[row] ?? 0),
    values,
    ...(histograms && { histograms: rows.map((row) => histograms[row]) }),
    ...(startTimestamps && {
      startTimestamps: Float64Array.from(rows, (row) => startTimestamps[row] ?? 0),
    }),
  };
}
