import {
  type FloatHistogram,
  formatGoFloat,
  type InstantVector,
  type Labels,
  type Matrix,
  type MatrixSeries,
  type QueryValue,
} from '@plimsoll/promql';
import { formatSample, formatTimestamp } from './format-sample.ts';
import { toJson } from './to-json.ts';

/** The `resultType` and `result` members of Prometheus' answer, as JSON text without the braces around them. */
export function encodeValue(value: QueryValue): string {
  switch (value.type) {
    case 'vector':
      return result('vector', encodeVector(value));
    case 'matrix':
      return result('matrix', encodeMatrix(value));
    case 'scalar':
      return result('scalar', `[${value.timeMs / 1000},"${formatGoFloat(value.value)}"]`);
    case 'string':
      break;
  }
  return result('string', `[${value.timeMs / 1000},${toJson(value.value)}]`);
}

function result(type: string, json: string): string {
  return `"resultType":"${type}","result":${json}`;
}

function encodeVector({ timeMs, labels, values, histograms }: InstantVector): string {
  const time = formatTimestamp(timeMs);
  const samples = labels.map((metric, index) => {
    const histogram = histograms?.[index];
    return histogram === undefined
      ? `{"metric":${encodeLabels(metric)},"value":[${time},"${formatSample(values[index] ?? Number.NaN)}"]}`
      : `{"metric":${encodeLabels(metric)},"histogram":[${time},${encodeHistogram(histogram)}]}`;
  });
  return `[${samples.join(',')}]`;
}

function encodeMatrix({ series }: Matrix): string {
  // Series of one query share their times more often than not: each column of times is written once.
  let column: Float64Array = new Float64Array();
  let times: string[] = [];
  const parts: string[] = [];
  for (const one of series) {
    if (!isSame(one.timestamps, column)) {
      column = one.timestamps;
      times = Array.from(column, (timestampMs) => `[${formatTimestamp(timestampMs)},`);
    }
    parts.push(encodeSeries(one, times));
  }
  return `[${parts.join(',')}]`;
}

function isSame(a: Float64Array, b: Float64Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function encodeSeries(series: MatrixSeries, times: readonly string[]): string {
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

function encodeHistogram(histogram: FloatHistogram): string {
  const buckets = [...histogram.allBuckets()]
    .filter(({ count }) => count !== 0)
    .map(({ lower, upper, lowerInclusive, upperInclusive, count }) => {
      const rule = boundaryRule(lowerInclusive, upperInclusive);
      return `[${rule},"${formatSample(lower)}","${formatSample(upper)}","${formatSample(count)}"]`;
    });
  const list = buckets.length === 0 ? '' : `,"buckets":[${buckets.join(',')}]`;
  return `{"count":"${formatSample(histogram.count)}","sum":"${formatSample(histogram.sum)}"${list}}`;
}

/** 0: only the upper bound belongs to the bucket, 1: only the lower, 2: neither, 3: both. */
function boundaryRule(lowerInclusive: boolean, upperInclusive: boolean): number {
  if (lowerInclusive) return upperInclusive ? 3 : 1;
  return upperInclusive ? 0 : 2;
}
