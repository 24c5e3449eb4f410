import { isStaleMarker } from '@plimsoll/proto';
import type { SeriesColumns } from '@plimsoll/promql';
import { BitWriter } from './bit-writer.ts';
import { StartEncoder } from './start-encoder.ts';
import { XorWriter } from './xor-writer.ts';

/** Samples of one chunk: what Prometheus puts into one. */
export const SAMPLES_PER_CHUNK = 120;

/** Forms of a delta of deltas: how many bits tell the form, which, and how many bits the delta then has. */
const DELTA_FORMS = [
  { prefix: 0b10, prefixBits: 2, bits: 14 },
  { prefix: 0b110, prefixBits: 3, bits: 17 },
  { prefix: 0b1110, prefixBits: 4, bits: 20 },
] as const;

/** Room for a chunk of usual samples; others let it grow. */
const USUAL_BYTES = 256;

/**
 * Encodes samples `from` to `to` (exclusive, at most 65,535) as Prometheus' XOR chunk: the number of samples, then
 * times as deltas of deltas and values as XOR with the one before.
 */
export function encodeXorChunk(
  timestampsMs: Float64Array,
  values: Float64Array,
  from: number,
  to: number,
): Uint8Array {
  const writer = new BitWriter(USUAL_BYTES);
  writer.write(to - from, 16);
  const column = new XorWriter(writer);
  let before = 0;
  let deltaBefore = 0;
  for (let at = from; at < to; at++) {
    const time = timestampsMs[at] ?? 0;
    const value = values[at] ?? Number.NaN;
    if (at === from) {
      writer.varint(time);
      column.take(value);
      column.whole();
    } else {
      const delta = time - before;
      if (at === from + 1) writer.uvarint(BigInt(delta));
      else writeDelta(writer, delta - deltaBefore);
      column.next(value);
      deltaBefore = delta;
    }
    before = time;
  }
  return writer.finish();
}

function writeDelta(writer: BitWriter, delta: number): void {
  if (delta === 0) {
    writer.write(0, 1);
    return;
  }
  for (const { prefix, prefixBits, bits } of DELTA_FORMS) {
    const half = 2 ** (bits - 1);
    if (delta < 1 - half || delta > half) continue;
    writer.write(prefix, prefixBits);
    writer.write(delta, bits);
    return;
  }
  writer.write(0b1111, 4);
  writer.signed(delta, 64);
}

/** Encodes samples `from` to `to` (exclusive, at most 127) as Prometheus' XOR2 chunk, which has start timestamps. */
export function encodeXor2Chunk(
  { timestamps, values, startTimestamps }: Pick<SeriesColumns, 'timestamps' | 'values' | 'startTimestamps'>,
  from: number,
  to: number,
): Uint8Array {
  const writer = new BitWriter(USUAL_BYTES);
  writer.write(to - from, 16);
  writer.write(0, 8);
  const column = new XorWriter(writer);
  const starts = new StartEncoder(writer);
  let before = 0;
  let deltaBefore = 0;
  for (let at = from; at < to; at++) {
    const time = timestamps[at] ?? 0;
    const value = values[at] ?? Number.NaN;
    const delta = time - before;
    if (at === from) {
      writer.varint(time);
      column.take(value);
      column.whole();
      // A stale marker is no value that others are told by.
      if (isStaleMarker(value)) column.take(0);
    } else if (at === from + 1) {
      writer.uvarint(BigInt(delta));
      writeValue(writer, column, value);
    } else writeJoint(writer, column, delta - deltaBefore, value);
    starts.next(at - from, startTimestamps?.[at] ?? 0, time, before);
    deltaBefore = at === from ? 0 : delta;
    before = time;
  }
  const bytes = writer.finish();
  bytes[2] = starts.header;
  return bytes;
}

/** The time and the value of a sample after the first two. */
function writeJoint(writer: BitWriter, column: XorWriter, delta: number, value: number): void {
  if (delta !== 0) {
    if (delta >= -(2 ** 12) && delta < 2 ** 12) {
      writer.write(0b110, 3);
      writer.signed(delta, 13);
    } else if (delta >= -(2 ** 19) && delta < 2 ** 19) {
      writer.write(0b1110, 4);
      writer.signed(delta, 20);
    } else {
      writer.write(0b11110, 5);
      writer.signed(delta, 64);
    }
    writeValue(writer, column, value);
  } else if (isStaleMarker(value)) writer.write(0b11111, 5);
  else if (column.take(value)) writer.write(0, 1);
  else column.changed({ window: [0b101, 3], inWindow: [0b100, 3] });
}

function writeValue(writer: BitWriter, column: XorWriter, value: number): void {
  if (isStaleMarker(value)) writer.write(0b111, 3);
  else if (column.take(value)) writer.write(0, 1);
  else column.changed({ window: [0b110, 3], inWindow: [0b10, 2] });
}
