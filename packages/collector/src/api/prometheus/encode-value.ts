import {
  type FloatHistogram,
  formatGoFloat,
  type InstantVector,
  type Matrix,
  type MatrixSeries,
  type QueryValue,
} from '@plimsoll/promql';
import type { JsonBuffer } from './json-buffer.ts';
import { toJson } from './to-json.ts';

const COMMA = 0x2c;
const OPEN = 0x5b;
const CLOSE = 0x5d;

/** Writes the `resultType` and `result` members of Prometheus' answer, without the braces around them. */
export function encodeValue(json: JsonBuffer, value: QueryValue): void {
  json.text(`"resultType":"${value.type}","result":`);
  switch (value.type) {
    case 'vector':
      encodeVector(json, value);
      break;
    case 'matrix':
      encodeMatrix(json, value);
      break;
    case 'scalar':
      json.text(`[${value.timeMs / 1000},"${formatGoFloat(value.value)}"]`);
      break;
    case 'string':
      json.text(`[${value.timeMs / 1000},${toJson(value.value)}]`);
      break;
  }
}

function encodeVector(json: JsonBuffer, { timeMs, labels, values, histograms }: InstantVector): void {
  json.text('[');
  for (let i = 0; i < labels.length; i++) {
    const histogram = histograms?.[i];
    json.text(i === 0 ? '{"metric":' : ',{"metric":').text(labels[i]?.json ?? '{}');
    json
      .text(histogram === undefined ? ',"value":[' : ',"histogram":[')
      .timestamp(timeMs)
      .byte(COMMA);
    if (histogram === undefined) json.sample(values[i] ?? Number.NaN);
    else encodeHistogram(json, histogram);
    json.text(']}');
  }
  json.text(']');
}

function encodeMatrix(json: JsonBuffer, { series }: Matrix): void {
  json.text('[');
  for (let i = 0; i < series.length; i++) {
    const one = series[i];
    if (one === undefined) continue;
    if (i > 0) json.byte(COMMA);
    encodeSeries(json, one);
  }
  json.text(']');
}

function encodeSeries(json: JsonBuffer, series: MatrixSeries): void {
  const { labels, values, histograms } = series;
  json.text('{"metric":').text(labels.json);
  const isFloat = (index: number): boolean => histograms?.[index] === undefined;
  const floats = histograms === undefined ? values.length : values.filter((_, i) => isFloat(i)).length;
  if (floats > 0 || values.length === 0) encodeFloats(json, series);
  if (floats < values.length) encodeHistograms(json, series);
  json.text('}');
}

function encodeFloats(json: JsonBuffer, { timestamps, values, histograms }: MatrixSeries): void {
  json.text(',"values":[');
  let first = true;
  for (let i = 0; i < values.length; i++) {
    if (histograms?.[i] !== undefined) continue;
    if (!first) json.byte(COMMA);
    first = false;
    json
      .byte(OPEN)
      .timestamp(timestamps[i] ?? 0)
      .byte(COMMA);
    json.sample(values[i] ?? Number.NaN).byte(CLOSE);
  }
  json.byte(CLOSE);
}

function encodeHistograms(json: JsonBuffer, { timestamps, histograms = [] }: MatrixSeries): void {
  let before = ',"histograms":[';
  for (let i = 0; i < timestamps.length; i++) {
    const histogram = histograms[i];
    if (histogram === undefined) continue;
    json
      .text(before)
      .byte(OPEN)
      .timestamp(timestamps[i] ?? 0)
      .byte(COMMA);
    encodeHistogram(json, histogram);
    json.byte(CLOSE);
    before = ',';
  }
  json.byte(CLOSE);
}

function encodeHistogram(json: JsonBuffer, histogram: FloatHistogram): void {
  json.text('{"count":').sample(histogram.count).text(',"sum":').sample(histogram.sum);
  let before = ',"buckets":[';
  for (const { lower, upper, lowerInclusive, upperInclusive, count } of histogram.allBuckets()) {
    if (count === 0) continue;
    json.text(`${before}[${boundaryRule(lowerInclusive, upperInclusive)},`);
    json.sample(lower).byte(COMMA).sample(upper).byte(COMMA).sample(count).byte(CLOSE);
    before = ',';
  }
  json.text(before === ',' ? ']}' : '}');
}

/** 0: only the upper bound belongs to the bucket, 1: only the lower, 2: neither, 3: both. */
function boundaryRule(lowerInclusive: boolean, upperInclusive: boolean): number {
  if (lowerInclusive) return upperInclusive ? 3 : 1;
  return upperInclusive ? 0 : 2;
}
