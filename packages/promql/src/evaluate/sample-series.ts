import type { SeriesColumns } from '../queryable.ts';
import { hasStaleMarker, isStaleMarker } from '../stale-marker.ts';
import { compress } from './column.ts';
import type { FloatSamples, RangeSeries } from './value.ts';

/** Turns a stored series into the input of range functions: stale markers out, floats and histograms apart. */
export function toRangeSeries(series: SeriesColumns, useStarts: boolean): RangeSeries {
  const { labels, timestamps, values, histograms, startTimestamps, rollup } = series;
  const starts = useStarts ? startTimestamps : undefined;
  if (!histograms?.some((histogram) => histogram !== undefined)) {
    return {
      labels,
      dropName: false,
      floats: withoutStale({ times: timestamps, values, ...(starts && { starts }) }),
      ...(rollup && { rollup }),
    };
  }
  const isHistogram = (index: number) => histograms[index] !== undefined;
  const isFloat = (index: number) => !isHistogram(index) && !isStaleMarker(values, index);
  return {
    labels,
    dropName: false,
    floats: {
      times: timestamps.filter((_, index) => isFloat(index)),
      values: values.filter((_, index) => isFloat(index)),
      ...(starts && { starts: starts.filter((_, index) => isFloat(index)) }),
    },
    histograms: {
      times: timestamps.filter((_, index) => isHistogram(index)),
      values: histograms.filter((histogram) => histogram !== undefined),
      ...(starts && { starts: starts.filter((_, index) => isHistogram(index)) }),
    },
    ...(rollup && { rollup }),
  };
}

function withoutStale(samples: FloatSamples): FloatSamples {
  const { times, values, starts } = samples;
  if (!hasStaleMarker(values)) return samples;
  const live = new Uint8Array(values.length);
  for (let i = 0; i < live.length; i++) live[i] = isStaleMarker(values, i) ? 0 : 1;
  return {
    times: compress(times, live),
    values: compress(values, live),
    ...(starts && { starts: compress(starts, live) }),
  };
}
