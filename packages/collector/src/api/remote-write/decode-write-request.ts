import { isStaleMarker } from '@plimsoll/proto';
import { METRIC_TYPES, type MetricMetadata, type MetricType } from '../../telemetry/store.ts';
import { MAX_REMOTE_WRITE_SAMPLES } from '../limits.ts';
import { ProtoError, ProtoReader, WIRE } from './proto-reader.ts';
import { readHistogram, type WrittenHistogram } from './written-histogram.ts';

export type WrittenValue = number | 'stale';

/** One series of a write request. Label names and values alternate, as they came. */
export interface WrittenSeries {
  readonly labels: readonly string[];
  readonly timestampsMs: readonly number[];
  /** Or stale markers: an array of numbers does not keep the bits that one is known by. */
  readonly values: readonly WrittenValue[];
  /** Start timestamps of the values where the message has any; 0 where one is not known. */
  readonly startTimestampsMs?: readonly number[];
  readonly histograms: readonly WrittenHistogram[];
  /** Why the series cannot be read, where the message lets that be told for one series. */
  readonly fault?: string;
}

export interface WriteRequest {
  readonly series: readonly WrittenSeries[];
  readonly metadata: readonly MetricMetadata[];
}

/**
 * Decodes `prometheus.WriteRequest` of remote write 1.0 (timeseries = 1: labels = 1 {name = 1, value = 2}, samples = 2
 * {value = 1, timestamp = 2}, histograms = 4 (see `readHistogram`); metadata = 3: type = 1, family = 2, help = 4, unit = 5). Unknown fields
 * are passed over. Throws ProtoError for anything else.
 */
export function decodeWriteRequest(bytes: Uint8Array): WriteRequest {
  const series: WrittenSeries[] = [];
  const metadata: MetricMetadata[] = [];
  let samples = 0;
  const reader = new ProtoReader(bytes);
  while (!reader.done) {
    const { field, wire } = reader.tag();
    if (field === 1 && wire === WIRE.bytes) {
      const one = readSeries(reader.message());
      samples += one.values.length + one.histograms.length;
      checkSampleCount(samples);
      series.push(one);
    } else if (field === 3 && wire === WIRE.bytes) {
      metadata.push(readMetadata(reader.message()));
    } else {
      reader.skip(wire);
    }
  }
  return { series, metadata };
}

/** Refuses a request with more samples than one may hold. */
export function checkSampleCount(samples: number): void {
  if (samples <= MAX_REMOTE_WRITE_SAMPLES) return;
  throw new ProtoError(
    `the request holds more than ${MAX_REMOTE_WRITE_SAMPLES} samples: send smaller batches`,
  );
}

function readSeries(reader: ProtoReader): WrittenSeries {
  const labels: string[] = [];
  const timestampsMs: number[] = [];
  const values: WrittenValue[] = [];
  const histograms: WrittenHistogram[] = [];
  while (!reader.done) {
    const { field, wire } = reader.tag();
    if (field === 1 && wire === WIRE.bytes) {
      readLabel(reader.message(), labels);
    } else if (field === 2 && wire === WIRE.bytes) {
      readSample(reader.message(), timestampsMs, values);
    } else if (field === 4 && wire === WIRE.bytes) {
      histograms.push(readHistogram(reader.message()));
    } else reader.skip(wire);
  }
  return { labels, timestampsMs, values, histograms };
}

/** Adds a label's (name = 1, value = 2) name and value. */
export function readLabel(reader: ProtoReader, labels: string[]): void {
  let name = '';
  let value = '';
  while (!reader.done) {
    const { field, wire } = reader.tag();
    if (field === 1 && wire === WIRE.bytes) name = reader.string();
    else if (field === 2 && wire === WIRE.bytes) value = reader.string();
    else reader.skip(wire);
  }
  labels.push(name, value);
}

/** Answers the sample's start timestamp, which version 2 has: 0 where it is not known. */
export function readSample(reader: ProtoReader, timestampsMs: number[], values: WrittenValue[]): number {
  let value = 0;
  let timestampMs = 0;
  let startTimestampMs = 0;
  while (!reader.done) {
    const { field, wire } = reader.tag();
    if (field === 1 && wire === WIRE.fixed64) value = reader.double();
    else if (field === 2 && wire === WIRE.varint) timestampMs = reader.int64();
    else if (field === 3 && wire === WIRE.varint) startTimestampMs = reader.int64();
    else reader.skip(wire);
  }
  timestampsMs.push(timestampMs);
  values.push(isStaleMarker(value) ? 'stale' : value);
  return startTimestampMs;
}

function readMetadata(reader: ProtoReader): MetricMetadata {
  const metadata = { family: '', type: 'unknown' as MetricType, help: '', unit: '' };
  while (!reader.done) {
    const { field, wire } = reader.tag();
    if (field === 1 && wire === WIRE.varint) metadata.type = METRIC_TYPES[reader.int64()] ?? 'unknown';
    else if (field === 2 && wire === WIRE.bytes) metadata.family = reader.string();
    else if (field === 4 && wire === WIRE.bytes) metadata.help = reader.string();
    else if (field === 5 && wire === WIRE.bytes) metadata.unit = reader.string();
    else reader.skip(wire);
  }
  return metadata;
}
