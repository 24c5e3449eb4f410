import type { ByteWriter } from '../byte-writer.ts';
import { Cursor, PADDING_BYTES } from './padded-bytes.ts';

/**
 * A chunk is what one series has in one window: segments, each the column of one block, and padding. A segment names
 * the timeline with its times, or, with timeline 0, carries its own times before its values.
 */
export interface SegmentVisitor {
  shared(timeline: number, start: number, end: number): void;
  /** Encoded times lie in [timesStart, start), values in [start, end). */
  own(count: number, timesStart: number, timesEnd: number, start: number, end: number): void;
  /** As `own`, with what the samples have beside their values. */
  detailed(segment: DetailedSegment): void;
}

/** Where the parts of a segment lie. */
export interface DetailedSegment {
  readonly count: number;
  readonly timesStart: number;
  readonly timesEnd: number;
  readonly start: number;
  readonly end: number;
  readonly detailsStart: number;
  readonly detailsEnd: number;
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

/** No segment has no samples, so a zero in place of their number tells this kind apart. */
export function writeDetailedSegment(
  out: ByteWriter,
  count: number,
  timestamps: Uint8Array,
  column: Uint8Array,
  details: Uint8Array,
): void {
  out.varint(0);
  writeOwnSegment(out, count, timestamps, column);
  out.varint(details.length);
  out.bytes(details);
}

const cursor = new Cursor();

/**
 * Tells a chunk's segments in the order they were added. The visitor may decode columns meanwhile.
 *
 * @throws RangeError where a segment would end behind its chunk: what lies there is another's.
 */
export function visitSegments(chunk: Uint8Array, visitor: SegmentVisitor): void {
  const limit = chunk.length - PADDING_BYTES;
  for (let at = 0; at < limit;) {
    cursor.start(chunk, at);
    const timeline = cursor.varint();
    if (timeline === 0) {
      at = visitOwn(visitor, limit);
      continue;
    }
    const length = cursor.varint();
    const start = cursor.at;
    at = within(start + length, limit);
    visitor.shared(timeline, start, at);
  }
}

function within(end: number, limit: number): number {
  if (end > limit) throw new RangeError('a chunk ends within a segment: run verify');
  return end;
}

function visitOwn(visitor: SegmentVisitor, limit: number): number {
  const count = cursor.varint();
  if (count === 0) return visitDetailed(visitor, limit);
  const timesLength = cursor.varint();
  const timesStart = cursor.at;
  cursor.at += timesLength;
  const length = cursor.varint();
  const start = cursor.at;
  const end = within(start + length, limit);
  visitor.own(count, timesStart, timesStart + timesLength, start, end);
  return end;
}

function visitDetailed(visitor: SegmentVisitor, limit: number): number {
  const count = cursor.varint();
  const timesLength = cursor.varint();
  const timesStart = cursor.at;
  const timesEnd = timesStart + timesLength;
  cursor.at = timesEnd;
  const length = cursor.varint();
  const start = cursor.at;
  const end = start + length;
  cursor.at = end;
  const detailsLength = cursor.varint();
  const detailsStart = cursor.at;
  const detailsEnd = within(detailsStart + detailsLength, limit);
  visitor.detailed({ count, timesStart, timesEnd, start, end, detailsStart, detailsEnd });
  return detailsEnd;
}
