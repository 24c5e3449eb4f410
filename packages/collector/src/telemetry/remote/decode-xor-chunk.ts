import { BitReader } from './bit-reader.ts';
import type { SampleRun } from '../sample-run.ts';
import { StartDecoder } from './start-decoder.ts';
import { XorValue } from './xor-value.ts';

/** How many bits a delta of deltas has, by the ones that tell its form. */
const DELTA_BITS = [0, 14, 17, 20, 64] as const;

/**
 * Decodes Prometheus' XOR chunk: the number of samples, then times as deltas of deltas and values as XOR with the one
 * before. Values keep all their bits. Throws ProtoError where the chunk ends early.
 */
export function decodeXorChunk(bytes: Uint8Array): SampleRun {
  const reader = new BitReader(bytes);
  const count = reader.bits(16);
  const timestamps = new Float64Array(count);
  const values = new Float64Array(count);
  const words = new Uint32Array(values.buffer);
  const value = new XorValue();
  let delta = 0;
  let time = 0;
  for (let i = 0; i < count; i++) {
    if (i === 0) time = reader.varint();
    else {
      delta = i === 1 ? reader.uvarint() : delta + readDelta(reader);
      time += delta;
    }
    timestamps[i] = time;
    if (i === 0) value.readWhole(reader);
    else value.read(reader);
    value.put(words, i);
  }
  return { timestamps, values };
}

function readDelta(reader: BitReader): number {
  const width = DELTA_BITS[reader.ones(4)] ?? 0;
  if (width === 0) return 0;
  if (width === 64) return reader.signed(64);
  const raw = reader.bits(width);
  // Half itself is positive.
  return raw > 2 ** (width - 1) ? raw - 2 ** width : raw;
}

const STALE_HIGH = 0x7ff0_0000;
const STALE_LOW = 2;

/**
 * Decodes Prometheus' XOR2 chunk, which has start timestamps and puts what is usual into one bit: neither the delta nor
 * the value has changed. Throws ProtoError where the chunk ends early.
 */
export function decodeXor2Chunk(bytes: Uint8Array): SampleRun {
  const reader = new BitReader(bytes);
  const count = reader.bits(16);
  const starts = new StartDecoder(reader.bits(8));
  const timestamps = new Float64Array(count);
  const startTimestamps = new Float64Array(count);
  const values = new Float64Array(count);
  const words = new Uint32Array(values.buffer);
  const value = new XorValue();
  let delta = 0;
  let time = 0;
  for (let i = 0; i < count; i++) {
    const previous = time;
    let stale = false;
    if (i === 0) {
      time = reader.varint();
      value.readWhole(reader);
      if (value.isStale) {
        // The values behind it are told by their distance to 0.
        stale = true;
        value.reset();
      }
    } else if (i === 1) {
      delta = reader.uvarint();
      stale = readValue(reader, value);
    } else {
      const form = reader.ones(5);
      // The longest form of all says that a series ended in time.
      stale = form === 5;
      if (form === 1) readChangedValue(reader, value);
      else if (form > 1 && form < 5) {
        delta += reader.signed(JOINT_DELTA_BITS[form - 2] ?? 64);
        stale = readValue(reader, value);
      }
    }
    if (i > 0) time += delta;
    timestamps[i] = time;
    if (stale) {
      words[i * 2] = STALE_LOW;
      words[i * 2 + 1] = STALE_HIGH;
    } else value.put(words, i);
    startTimestamps[i] = starts.next(reader, i, time, previous);
  }
  return { timestamps, values, ...(startTimestamps.some((startMs) => startMs !== 0) && { startTimestamps }) };
}

const JOINT_DELTA_BITS = [13, 20, 64] as const;

/** Answers whether it is a stale marker, which leaves the value as it was. */
function readValue(reader: BitReader, value: XorValue): boolean {
  const form = reader.ones(3);
  if (form === 1) value.readInWindow(reader);
  else if (form === 2) value.readWindow(reader);
  return form === 3;
}

/** Reads a value that is known to be another one. */
function readChangedValue(reader: BitReader, value: XorValue): void {
  if (reader.bit() === 0) value.readInWindow(reader);
  else value.readWindow(reader);
}
