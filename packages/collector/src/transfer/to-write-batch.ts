import type { FloatHistogram, SeriesColumns } from '@plimsoll/promql';
import type { LongTermBatch } from '../telemetry/long-term/long-term-engine.ts';
import type { MetricMetadata } from '../telemetry/store.ts';
import { samplesIn } from './endpoint.ts';

/** Nothing. */
export const NO_SAMPLES: LongTermBatch = {
  refs: new Uint32Array(),
  timestampsMs: new Float64Array(),
  values: new Float64Array(),
  labels: [],
  metadata: [],
};

/** Series as one batch: their samples one series after the other, numbered by the series' places. */
export function toWriteBatch(
  series: readonly SeriesColumns[],
  metadata: readonly MetricMetadata[] = [],
): LongTermBatch {
  const count = samplesIn(series);
  const hasHistograms = series.some(({ histograms }) => histograms);
  const hasStarts = series.some(({ startTimestamps }) => startTimestamps);
  const columns = {
    refs: new Uint32Array(count),
    timestampsMs: new Float64Array(count),
    values: new Float64Array(count),
  };
  const histograms: (FloatHistogram | undefined)[] = [];
  const startTimestampsMs = new Float64Array(hasStarts ? count : 0);
  let at = 0;
  for (const [i, { timestamps, values, histograms: own, startTimestamps }] of series.entries()) {
    columns.refs.fill(i, at, at + timestamps.length);
    columns.timestampsMs.set(timestamps, at);
    columns.values.set(values, at);
    if (startTimestamps) startTimestampsMs.set(startTimestamps, at);
    if (hasHistograms) for (const row of timestamps.keys()) histograms.push(own?.[row]);
    at += timestamps.length;
  }
  return {
    ...columns,
    ...(hasHistograms && { histograms }),
    ...(hasStarts && { startTimestampsMs }),
    labels: series.map(({ labels }) => labels),
    metadata,
  };
}
