import { formatGoFloat, type Labels, type SeriesColumns } from '@plimsoll/promql';
import { formatSample, formatTimestamp } from './format-sample.ts';
import type { HistogramView, QueryValue, VectorSample } from './query-engine.ts';

/** The `resultType` and `result` members of Prometheus' answer, as JSON text without the braces around them. */
export function encodeValue(value: QueryValue): string {
  switch (value.type) {
    case 'vector': {
      const time = formatTimestamp(value.timestampMs);
      return result('vector', `[${value.samples.map((sample) => encodeSample(sample, time)).join(',')}]`);
    }
    case 'matrix':
      return result('matrix', encodeMatrix(value.series));
    case 'scalar':
      return result('scalar', `[${value.timestampMs / 1000},"${formatGoFloat(value.value)}"]`);
    case 'string':
      break;
  }
  return result('string', `[${value.timestampMs / 1000},${JSON.stringify(value.value)}]`);
}

function result(type: string, json: string): string {
  return `"resultType":"${type}","result":${json}`;
}

function encodeSample(sample: VectorSample, time: string): string {
  const metric = `{"metric":${encodeLabels(sample.labels)},`;
  return sample.histogram === undefined
    ? `${metric}"value":[${time},"${formatSample(sample.value)}"]}`
    : `${metric}"histogram":[${time},${encodeHistogram(sample.histogram)}]}`;
}

function encodeMatrix(series: readonly SeriesColumns<HistogramView>[]): string {
  // Series of one range query share their time column more often than not: write each column's times once.
  let column: Float64Array | undefined;
  let times: string[] = [];
  const parts: string[] = [];
  for (const one of series) {
    if (one.timestamps !== column) {
      column = one.timestamps;
      times = Array.from(column, (timestampMs) => `[${formatTimestamp(timestampMs)},`);
    }
    parts.push(encodeSeries(one, times));
  }
  return `[${parts.join(',')}]`;
}

function encodeSeries(series: SeriesColumns<HistogramView>, times: readonly string[]): string {
  let floats = '';
  let histograms = '';
  const { values } = series;
  for (let i = 0; i < values.length; i++) {
    const histogram = series.histograms?.[i];
    if (histogram === undefined) {
      floats += `${floats === '' ? '' : ','}${times[i]}"${formatSample(values[i] ?? Number.NaN)}"]`;
    } else {
      histograms += `${histograms === '' ? '' : ','}${times[i]}${encodeHistogram(histogram)}]`;
    }
  }
  let json = `{"metric":${encodeLabels(series.labels)}`;
  if (floats !== '' || histograms === '') json += `,"values":[${floats}]`;
  if (histograms !== '') json += `,"histograms":[${histograms}]`;
  return `${json}}`;
}

/** A label set as a JSON object, in the order of the names. */
export function encodeLabels(labels: Labels): string {
  const { pairs } = labels;
  let json = '{';
  for (let i = 0; i < pairs.length; i += 2) {
    json += `${i === 0 ? '' : ','}${JSON.stringify(pairs[i])}:${JSON.stringify(pairs[i + 1])}`;
  }
  return `${json}}`;
}

function encodeHistogram(histogram: HistogramView): string {
  const buckets = histogram.buckets
    .filter((bucket) => bucket.count !== 0)
    .map(
      ({ rule, lower, upper, count }) =>
        `[${rule},"${formatSample(lower)}","${formatSample(upper)}","${formatSample(count)}"]`,
    );
  const list = buckets.length === 0 ? '' : `,"buckets":[${buckets.join(',')}]`;
  return `{"count":"${formatSample(histogram.count)}","sum":"${formatSample(histogram.sum)}"${list}}`;
}
