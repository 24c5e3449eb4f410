import { type FloatHistogram, type SeriesColumns, withDerivedHint } from '@plimsoll/promql';

/**
 * Series of two stores by label set, each time once; where both have a time, `newer` counts. Columns that are not
 * mixed are passed on as they are.
 */
export function mergeSeries(
  older: readonly SeriesColumns[],
  newer: readonly SeriesColumns[],
): readonly SeriesColumns[] {
  if (older.length === 0) return newer;
  if (newer.length === 0) return older;
  const rest = new Map(older.map((series) => [series.labels.key, series]));
  const merged = newer.map((series) => {
    const before = rest.get(series.labels.key);
    if (before === undefined) return series;
    rest.delete(series.labels.key);
    return mergeColumns(before, series);
  });
  return [...merged, ...rest.values()];
}

function mergeColumns(older: SeriesColumns, newer: SeriesColumns): SeriesColumns {
  const size = older.timestamps.length + newer.timestamps.length;
  const timestamps = new Float64Array(size);
  const values = new Float64Array(size);
  let count = 0;
  const hasHistograms = older.histograms !== undefined || newer.histograms !== undefined;
  const hasStarts = older.startTimestamps !== undefined || newer.startTimestamps !== undefined;
  const histograms: (FloatHistogram | undefined)[] = [];
  const startTimestamps = new Float64Array(hasStarts ? size : 0);
  const take = (series: SeriesColumns, start: number, end: number): void => {
    const { timestamps: times, values: from } = series;
    timestamps.set(times.subarray(start, end), count);
    if (hasHistograms) for (let at = start; at < end; at++) histograms.push(series.histograms?.[at]);
    if (series.startTimestamps) startTimestamps.set(series.startTimestamps.subarray(start, end), count);
    // Copied as memory: a stale marker's bits must not pass through arithmetic.
    values.set(from.subarray(start, end), count);
    count += end - start;
  };
  let i = 0;
  let j = 0;
  while (i < older.timestamps.length && j < newer.timestamps.length) {
    const left = older.timestamps[i] ?? 0;
    const right = newer.timestamps[j] ?? 0;
    if (left < right) take(older, i, ++i);
    else {
      take(newer, j, ++j);
      if (left === right) i++;
    }
  }
  take(older, i, older.timestamps.length);
  take(newer, j, newer.timestamps.length);
  return {
    labels: newer.labels,
    timestamps: timestamps.subarray(0, count),
    values: values.subarray(0, count),
    ...(hasHistograms && { histograms: withDerivedHints(histograms) }),
    ...(hasStarts && { startTimestamps: startTimestamps.subarray(0, count) }),
  };
}

/** The histograms of a series, with what their order tells of counter resets. */
export function withDerivedHints(
  histograms: readonly (FloatHistogram | undefined)[],
): (FloatHistogram | undefined)[] {
  let previous: FloatHistogram | undefined;
  return histograms.map((histogram) => {
    previous = histogram === undefined ? undefined : withDerivedHint(histogram, previous);
    return previous;
  });
}
