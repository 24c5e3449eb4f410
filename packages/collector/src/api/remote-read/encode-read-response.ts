import { isStaleMarker, writeStaleMarker } from '@plimsoll/proto';
import { Labels, type SeriesColumns } from '@plimsoll/promql';
import { encodeHistogram } from './encode-histogram.ts';
import { ProtoWriter } from './proto-writer.ts';

const TEXT = new TextEncoder();

/** Tags of Sample: value = 1 as eight bytes, timestamp = 2 as a varint. */
const VALUE_TAG = 1 * 8 + 1;
const TIMESTAMP_TAG = 2 * 8;

/**
 * `prometheus.ReadResponse` (results = 1: timeseries = 1: labels = 1 {name = 1, value = 2}, samples = 2, histograms = 4). Series come in
 * the order of their labels, as readers merge them; labels of the server are added where a series has none of the name.
 */
export function encodeReadResponse(
  results: readonly (readonly SeriesColumns[])[],
  externalLabels: Readonly<Record<string, string>>,
): Uint8Array {
  const response = new ProtoWriter();
  for (const series of results) {
    const labelled = series
      .map((samples) => ({ labels: withExternal(samples.labels, externalLabels), samples }))
      .toSorted((a, b) => Labels.compare(a.labels, b.labels));
    const result = new ProtoWriter();
    for (const { labels, samples } of labelled) result.field(1, encodeSeries(labels, samples));
    response.field(1, result.finish());
  }
  return response.finish();
}

function withExternal(labels: Labels, externalLabels: Readonly<Record<string, string>>): Labels {
  return Labels.of({ ...externalLabels, ...labels.toRecord() });
}

/** A series' labels as its fields numbered 1, which both forms of answer have. */
export function encodeLabels(labels: Labels): Uint8Array {
  const fields = new ProtoWriter();
  for (const [name, value] of labels.entries()) {
    fields.field(1, new ProtoWriter().field(1, TEXT.encode(name)).field(2, TEXT.encode(value)).finish());
  }
  return fields.finish();
}

function encodeSeries(labels: Labels, { timestamps, values, histograms }: SeriesColumns): Uint8Array {
  const series = new ProtoWriter().raw(encodeLabels(labels));
  const double = new Float64Array(1);
  const doubleBytes = new Uint8Array(double.buffer);
  for (const [index, timestampMs] of timestamps.entries()) {
    const histogram = histograms?.[index];
    if (histogram !== undefined) {
      series.field(4, encodeHistogram(histogram, timestampMs));
      continue;
    }
    const value = values[index] ?? Number.NaN;
    // Readers know a stale marker by all of its bits, which a plain copy may change.
    if (isStaleMarker(value)) writeStaleMarker(double, 0);
    else double[0] = value;
    const sample = new ProtoWriter()
      .varint(VALUE_TAG)
      .raw(doubleBytes)
      .varint(TIMESTAMP_TAG)
      .varint(timestampMs);
    series.field(2, sample.finish());
  }
  return series.finish();
}
