import { ByteReader } from '../byte-reader.ts';
import type { ByteWriter } from '../byte-writer.ts';

/**
 * A chunk is what one series has in one window: segments, each the column of one block. A segment names the timeline
 * with its times, or, with timeline 0, carries its own times before its values.
 */
export interface ChunkSegment {
  readonly timeline: number;
  /** Encoded own times, for timeline 0 only. */
  readonly timestamps: Uint8Array | null;
  /** Number of samples, for timeline 0 only; else the timeline's rows. */
  readonly count: number;
  readonly column: Uint8Array;
}

export function writeSharedSegment(out: ByteWriter, timeline: number, column: Uint8Array): void {
  out.varint(timeline);
  out.varint(column.length);
  out.bytes(column);
}

export function writeOwnSegment(
  out: ByteWriter,
  count: number,
  timestamps: Uint8Array,
  column: Uint8Array,
): void {
  out.varint(0);
  out.varint(count);
  out.varint(timestamps.length);
  out.bytes(timestamps);
  out.varint(column.length);
  out.bytes(column);
}

export function readSegments(chunk: Uint8Array): ChunkSegment[] {
  const reader = new ByteReader(chunk);
  const segments: ChunkSegment[] = [];
  while (!reader.atEnd) {
    const timeline = reader.varint();
    const own = timeline === 0;
    const count = own ? reader.varint() : 0;
    const timestamps = own ? reader.bytes(reader.varint()) : null;
    segments.push({ timeline, count, timestamps, column: reader.bytes(reader.varint()) });
  }
  return segments;
}
