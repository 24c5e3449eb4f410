import type { SeriesColumns } from '@plimsoll/promql';
import { encodeLabels } from '../api/remote-read/encode-read-response.ts';
import { ProtoWriter } from '../api/remote-read/proto-writer.ts';
import { METRIC_TYPES, type MetricMetadata } from '../telemetry/store.ts';

const TEXT = new TextEncoder();
/** Tags of Sample: value = 1 as eight bytes, timestamp = 2 as a varint; and of samples = 2 in a series. */
const VALUE_TAG = 1 * 8 + 1;
const TIMESTAMP_TAG = 2 * 8;
const SAMPLE_TAG = 2 * 8 + 2;
/** The longest sample with its tag and length. */
const MAX_SAMPLE_BYTES = 2 + 9 + 1 + 10;

/** `prometheus.WriteRequest` of remote write 1.0, which every receiver takes. Values keep all their bits. */
export function encodeWriteRequest(series: readonly SeriesColumns[]): Uint8Array {
  const request = new ProtoWriter();
  for (const { labels, timestamps, values } of series) {
    const message = new ProtoWriter().raw(encodeLabels(labels)).raw(encodeSamples(timestamps, values));
    request.field(1, message.finish());
  }
  return request.finish();
}

/** The same with metadata = 3 alone: type = 1, family = 2, help = 4, unit = 5. */
export function encodeMetadataRequest(families: readonly MetricMetadata[]): Uint8Array {
  const request = new ProtoWriter();
  for (const { family, type, help, unit } of families) {
    const message = new ProtoWriter().varint(1 * 8).varint(METRIC_TYPES.indexOf(type));
    for (const [number, text] of [
      [2, family],
      [4, help],
      [5, unit],
    ] as const) {
      message.field(number, TEXT.encode(text));
    }
    request.field(3, message.finish());
  }
  return request.finish();
}

function encodeSamples(timestamps: Float64Array, values: Float64Array): Uint8Array {
  const out = new Uint8Array(timestamps.length * MAX_SAMPLE_BYTES);
  const bits = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  let at = 0;
  for (let i = 0; i < timestamps.length; i++) {
    const lengthAt = at + 1;
    out[at] = SAMPLE_TAG;
    out[at + 2] = VALUE_TAG;
    at += 3;
    for (let byte = 0; byte < 8; byte++) out[at++] = bits[i * 8 + byte] ?? 0;
    out[at++] = TIMESTAMP_TAG;
    at = putVarint(out, at, timestamps[i] ?? 0);
    out[lengthAt] = at - lengthAt - 1;
  }
  return out.subarray(0, at);
}

function putVarint(out: Uint8Array, from: number, value: number): number {
  let at = from;
  if (value < 0) {
    for (let rest = BigInt.asUintN(64, BigInt(value)); ; rest >>= 7n) {
      if (rest < 0x80n) {
        out[at++] = Number(rest);
        return at;
      }
      out[at++] = Number(rest & 0x7fn) | 0x80;
    }
  }
  let rest = value;
  while (rest >= 0x80) {
    out[at++] = (rest % 128) | 0x80;
    rest = Math.floor(rest / 128);
  }
  out[at++] = rest;
  return at;
}
