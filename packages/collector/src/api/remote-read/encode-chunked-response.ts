import { Labels, type SeriesColumns } from '@plimsoll/promql';
import { crc32c } from './crc32c.ts';
import { type EncodedChunk, encodeChunks } from './encode-chunks.ts';
import { ProtoWriter } from './proto-writer.ts';
import { encodeLabels } from './encode-read-response.ts';

/** Chunks of one frame, bytes: Prometheus' default, and what readers accept. */
const MAX_FRAME_BYTES = 1024 * 1024;

/**
 * A request with this header takes start timestamps: in encodings of chunks that Prometheus knows since its release 3.16,
 * and readers from before refuse.
 */
export const STARTS_HEADER = 'x-plimsoll-start-timestamps';

/**
 * The frames of `prometheus.ChunkedReadResponse` (chunked_series = 1: labels = 1, chunks = 2 {min_time_ms = 1,
 * max_time_ms = 2, type = 3, data = 4}; query_index = 2), each behind its length and its CRC-32C. Series come in the
 * order of their labels; a long one has several frames.
 */
export function* encodeChunkedResponse(
  results: readonly (readonly SeriesColumns[])[],
  externalLabels: Readonly<Record<string, string>>,
  starts = false,
): Generator<Uint8Array> {
  for (const [query, series] of results.entries()) {
    const labelled = series
      .map((samples) => ({ labels: Labels.of({ ...externalLabels, ...samples.labels.toRecord() }), samples }))
      .toSorted((a, b) => Labels.compare(a.labels, b.labels));
    for (const { labels, samples } of labelled) {
      yield* seriesFrames(query, encodeLabels(labels), encodeChunks(samples, starts));
    }
  }
}

function* seriesFrames(
  query: number,
  labels: Uint8Array,
  encoded: Iterable<EncodedChunk>,
): Generator<Uint8Array> {
  let chunks = new ProtoWriter();
  let size = 0;
  for (const { minMs, maxMs, type, data } of encoded) {
    const chunk = new ProtoWriter();
    chunk.varint(1 * 8).varint(minMs);
    chunk.varint(2 * 8).varint(maxMs);
    chunk.varint(3 * 8).varint(type);
    chunks.field(2, chunk.field(4, data).finish());
    size += data.length;
    if (size < MAX_FRAME_BYTES) continue;
    yield frame(query, labels, chunks.finish());
    chunks = new ProtoWriter();
    size = 0;
  }
  if (size > 0) yield frame(query, labels, chunks.finish());
}

function frame(query: number, labels: Uint8Array, chunks: Uint8Array): Uint8Array {
  const series = new ProtoWriter().raw(labels).raw(chunks).finish();
  const response = new ProtoWriter().field(1, series);
  // A zero is what readers take for granted.
  if (query > 0) response.varint(2 * 8).varint(query);
  const message = response.finish();
  const checksum = new Uint8Array(4);
  new DataView(checksum.buffer).setUint32(0, crc32c(message));
  return new ProtoWriter().varint(message.length).raw(checksum).raw(message).finish();
}
