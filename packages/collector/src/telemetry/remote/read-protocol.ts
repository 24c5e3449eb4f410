import { writeStaleMarker } from '@plimsoll/proto';
import { Labels, type Matcher } from '@plimsoll/promql';
import { crc32c } from '../../api/remote-read/crc32c.ts';
import { ProtoWriter } from '../../api/remote-read/proto-writer.ts';
import { readLabel } from '../../api/remote-write/decode-write-request.ts';
import { ProtoError, ProtoReader, WIRE } from '../../api/remote-write/proto-reader.ts';
import { readHistogram, type WrittenHistogram } from '../../api/remote-write/written-histogram.ts';
import { decodeHistogramChunk } from './decode-histogram-chunk.ts';
import { SampleDecoder } from './decode-samples.ts';
import { decodeXor2Chunk, decodeXorChunk } from './decode-xor-chunk.ts';
import type { SampleRun } from '../sample-run.ts';

/** A part of one series' samples, as a server sends it. */
export interface ReadPart {
  readonly labels: Labels;
  /** They may overlap. */
  readonly samples: readonly SampleRun[];
}

const TEXT = new TextEncoder();
const MATCH_NUMBERS: Readonly<Record<Matcher['type'], number>> = { '=': 0, '!=': 1, '=~': 2, '!~': 3 };

/** Decoders of chunks by their number in the protocol. */
const CHUNKS: Readonly<Record<number, (data: Uint8Array) => SampleRun>> = {
  1: decodeXorChunk,
  2: (data) => decodeHistogramChunk(data, { floats: false, starts: false }),
  3: (data) => decodeHistogramChunk(data, { floats: true, starts: false }),
  4: decodeXor2Chunk,
  5: (data) => decodeHistogramChunk(data, { floats: false, starts: true }),
  6: (data) => decodeHistogramChunk(data, { floats: true, starts: true }),
};

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
  const numbers = new SampleDecoder();
  const histograms: WrittenHistogram[] = [];
  while (!reader.done) {
    const { field, wire } = reader.tag();
    if (field === 1 && wire === WIRE.bytes) readLabel(reader.message(), labels);
    else if (field === 2 && wire === WIRE.bytes) numbers.add(reader.bytes());
    else if (field === 4 && wire === WIRE.bytes) histograms.push(readHistogram(reader.message()));
    else reader.skip(wire);
  }
  const samples: SampleRun[] = [numbers.columns()];
  if (histograms.length > 0) samples.push(histogramRun(histograms));
  return { labels: Labels.fromPairs(labels), samples };
}

function histogramRun(written: readonly WrittenHistogram[]): SampleRun {
  const values = new Float64Array(written.length);
  const histograms = written.map(({ content }, i) => {
    if (content === 'stale') writeStaleMarker(values, i);
    else if ('fault' in content) throw new ProtoError(content.fault);
    else return content;
    return undefined;
  });
  const timestamps = Float64Array.from(written, ({ timestampMs }) => timestampMs);
  return { timestamps, values, histograms };
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
  const samples: SampleRun[] = [];
  while (!reader.done) {
    const { field, wire } = reader.tag();
    if (field === 1 && wire === WIRE.bytes) readLabel(reader.message(), labels);
    else if (field === 2 && wire === WIRE.bytes) {
      const { type, data } = readChunk(reader.message());
      const decode = CHUNKS[type];
      if (decode === undefined) throw new ProtoError(`a chunk has the unknown encoding ${type}`);
      samples.push(decode(data));
    } else reader.skip(wire);
  }
  return { labels: Labels.fromPairs(labels), samples };
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
