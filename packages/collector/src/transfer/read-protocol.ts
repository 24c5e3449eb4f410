import { Labels, type Matcher } from '@plimsoll/promql';
import { crc32c } from '../api/remote-read/crc32c.ts';
import { ProtoWriter } from '../api/remote-read/proto-writer.ts';
import { readLabel } from '../api/remote-write/decode-write-request.ts';
import { ProtoError, ProtoReader, WIRE } from '../api/remote-write/proto-reader.ts';
import { type ChunkSamples, decodeXorChunk } from './decode-xor-chunk.ts';

/** A part of one series' samples, as a server sends it. */
export interface ReadPart {
  readonly labels: Labels;
  readonly samples: readonly ChunkSamples[];
  /** Native histograms, which are not read. */
  readonly histograms: number;
}

const TEXT = new TextEncoder();
const MATCH_NUMBERS: Readonly<Record<Matcher['type'], number>> = { '=': 0, '!=': 1, '=~': 2, '!~': 3 };
const XOR = 1;
/** Bytes of a frame: servers send 1 MiB and one series' labels more. */
const MAX_FRAME_BYTES = 64 * 1024 * 1024;

/**
 * `prometheus.ReadRequest` for one selector: queries = 1 {start = 1, end = 2, matchers = 3 {type = 1, name = 2,
 * value = 3}}, accepted_response_types = 2: a stream of chunks, else samples.
 */
export function encodeReadRequest(matchers: readonly Matcher[], startMs: number, endMs: number): Uint8Array {
  const query = new ProtoWriter()
    .varint(1 * 8)
    .varint(startMs)
    .varint(2 * 8)
    .varint(endMs);
  for (const { type, name, value } of matchers) {
    const matcher = new ProtoWriter().varint(1 * 8).varint(MATCH_NUMBERS[type]);
    query.field(3, matcher.field(2, TEXT.encode(name)).field(3, TEXT.encode(value)).finish());
  }
  return new ProtoWriter().field(1, query.finish()).field(2, Uint8Array.of(1, 0)).finish();
}

/** The series of `prometheus.ReadResponse` (results = 1: timeseries = 1: labels = 1, samples = 2, histograms = 4). */
export function* decodeReadResponse(message: Uint8Array): Generator<ReadPart> {
  const response = new ProtoReader(message);
  while (!response.done) {
    const { field, wire } = response.tag();
    if (field !== 1 || wire !== WIRE.bytes) {
      response.skip(wire);
      continue;
    }
    const result = response.message();
    while (!result.done) {
      const tag = result.tag();
      if (tag.field === 1 && tag.wire === WIRE.bytes) yield readSeries(result.message());
      else result.skip(tag.wire);
    }
  }
}

function readSeries(reader: ProtoReader): ReadPart {
  const labels: string[] = [];
  const timestamps: number[] = [];
  const bits: Uint8Array[] = [];
  let histograms = 0;
  while (!reader.done) {
    const { field, wire } = reader.tag();
    if (field === 1 && wire === WIRE.bytes) readLabel(reader.message(), labels);
    else if (field === 2 && wire === WIRE.bytes) readSample(reader.bytes(), timestamps, bits);
    else {
      if (field === 4) histograms++;
      reader.skip(wire);
    }
  }
  const values = new Float64Array(timestamps.length);
  const bytes = new Uint8Array(values.buffer);
  bits.forEach((value, i) => bytes.set(value, i * 8));
  const samples = timestamps.length === 0 ? [] : [{ timestamps: Float64Array.from(timestamps), values }];
  return { labels: Labels.fromPairs(labels), samples, histograms };
}

const ZERO: Uint8Array = new Uint8Array(8);

/** Reads value = 1 as its eight bytes, timestamp = 2. */
function readSample(message: Uint8Array, timestamps: number[], bits: Uint8Array[]): void {
  let at = 0;
  let value: Uint8Array = ZERO;
  let timestampMs = 0;
  if (message[0] === 9 && message.length >= 9) {
    value = message.subarray(1, 9);
    at = 9;
  }
  const rest = new ProtoReader(message, at);
  while (!rest.done) {
    const { field, wire } = rest.tag();
    if (field === 2 && wire === WIRE.varint) timestampMs = rest.int64();
    else if (field === 1) throw new ProtoError('a sample has its value behind its time');
    else rest.skip(wire);
  }
  timestamps.push(timestampMs);
  bits.push(value);
}

/**
 * The frames of `prometheus.ChunkedReadResponse`: each is a length, a CRC-32C and the message (chunked_series = 1:
 * labels = 1, chunks = 2 {type = 3, data = 4}).
 */
export async function* decodeChunkedResponse(stream: AsyncIterable<Uint8Array>): AsyncGenerator<ReadPart> {
  let pending: Uint8Array = new Uint8Array();
  for await (const piece of stream) {
    pending = pending.length === 0 ? piece : Buffer.concat([pending, piece]);
    for (;;) {
      const frame = takeFrame(pending);
      if (frame === undefined) break;
      pending = pending.subarray(frame.end);
      yield* readFrame(frame.message);
    }
  }
  if (pending.length > 0) throw new ProtoError('the stream ended within a frame');
}

/** The first whole frame; undefined while it is not all there. */
function takeFrame(bytes: Uint8Array): { readonly message: Uint8Array; readonly end: number } | undefined {
  let length = 0;
  let at = 0;
  for (let scale = 1; ; scale *= 128) {
    const byte = bytes[at++];
    if (byte === undefined) return undefined;
    length += (byte & 0x7f) * scale;
    if (length > MAX_FRAME_BYTES) throw new ProtoError(`a frame has more than ${MAX_FRAME_BYTES} bytes`);
    if (byte < 0x80) break;
  }
  const end = at + 4 + length;
  if (end > bytes.length) return undefined;
  const message = bytes.subarray(at + 4, end);
  const checksum = new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0);
  if (checksum !== crc32c(message)) throw new ProtoError('a frame does not fit its checksum');
  return { message, end };
}

function* readFrame(message: Uint8Array): Generator<ReadPart> {
  const reader = new ProtoReader(message);
  while (!reader.done) {
    const { field, wire } = reader.tag();
    if (field === 1 && wire === WIRE.bytes) yield readChunkedSeries(reader.message());
    else reader.skip(wire);
  }
}

function readChunkedSeries(reader: ProtoReader): ReadPart {
  const labels: string[] = [];
  const samples: ChunkSamples[] = [];
  let histograms = 0;
  while (!reader.done) {
    const { field, wire } = reader.tag();
    if (field === 1 && wire === WIRE.bytes) readLabel(reader.message(), labels);
    else if (field === 2 && wire === WIRE.bytes) {
      const { type, data } = readChunk(reader.message());
      if (type === XOR) samples.push(decodeXorChunk(data));
      else histograms++;
    } else reader.skip(wire);
  }
  return { labels: Labels.fromPairs(labels), samples, histograms };
}

function readChunk(reader: ProtoReader): { type: number; data: Uint8Array } {
  const chunk = { type: 0, data: new Uint8Array() as Uint8Array };
  while (!reader.done) {
    const { field, wire } = reader.tag();
    if (field === 3 && wire === WIRE.varint) chunk.type = reader.int64();
    else if (field === 4 && wire === WIRE.bytes) chunk.data = reader.bytes();
    else reader.skip(wire);
  }
  return chunk;
}
