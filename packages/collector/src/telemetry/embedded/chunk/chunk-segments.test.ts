import { expect, it } from 'vitest';
import { ByteWriter } from '../byte-writer.ts';
import {
  type SegmentVisitor,
  visitSegments,
  writeDetailedSegment,
  writeOwnSegment,
  writeSharedSegment,
} from './chunk-segments.ts';
import { PADDING_BYTES } from './padded-bytes.ts';

const nothing: SegmentVisitor = { shared: () => undefined, own: () => undefined, detailed: () => undefined };
const part = (length: number): Uint8Array => new Uint8Array(length).fill(1);
const chunkOf = (write: (out: ByteWriter) => void): Uint8Array => {
  const out = new ByteWriter();
  write(out);
  out.bytes(new Uint8Array(PADDING_BYTES));
  return out.written();
};

it.each([
  ['shared', (out: ByteWriter) => writeSharedSegment(out, 3, part(20))],
  ['own', (out: ByteWriter) => writeOwnSegment(out, 5, part(6), part(20))],
  ['detailed', (out: ByteWriter) => writeDetailedSegment(out, 5, part(6), part(9), part(20))],
])('no %s segment reaches behind its chunk: others lie there', (_, write) => {
  const chunk = chunkOf(write);
  visitSegments(chunk, nothing);
  const at = chunk.lastIndexOf(20);
  expect(at).toBeGreaterThan(0);
  chunk[at] = 21;
  expect(() => visitSegments(chunk, nothing)).toThrow(/ends within a segment/u);
});
