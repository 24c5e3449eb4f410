import { sketchKey } from '@plimsoll/promql';
import type { ByteWriter } from '../byte-writer.ts';
import { Cursor, padded } from '../chunk/padded-bytes.ts';
import { decodeRice, encodeRice } from '../chunk/rice.ts';
import { zigzagDecode, zigzagEncode } from '../chunk/zigzag.ts';
import type { Buckets } from './buckets.ts';

/** Written as bins with their counts, or sample by sample where most bins have one. */
const BINS = 0;
const SAMPLES = 1;

let numbers = new Float64Array(1024);
const cursor = new Cursor();

/** Encodes the bins of all rows: see docs/format/rollups.md. */
export function encodeSketches(out: ByteWriter, buckets: Buckets): void {
  const samples = samplesIn(buckets);
  const mode = samples < 2 * buckets.keys.length ? SAMPLES : BINS;
  out.u8(mode);
  if (mode === SAMPLES) encodeSamples(out, buckets);
  else encodeBins(out, buckets);
}

function samplesIn({ counts, length }: Buckets): number {
  return counts.subarray(0, length).reduce((sum, count) => sum + count, 0);
}

/** Visits the rows that have bins. */
function forEachRow(buckets: Buckets, visit: (row: number, from: number, to: number) => void): void {
  for (let row = 0, from = 0; row < buckets.length; row++) {
    const to = buckets.binEnds[row] ?? 0;
    if (from < to) visit(row, from, to);
    from = to;
  }
}

function firstsOf(buckets: Buckets): number[] {
  const firsts: number[] = [];
  forEachRow(buckets, (row, from) => {
    firsts.push(zigzagEncode((buckets.keys[from] ?? 0) - sketchKey(buckets.mins[row] ?? 0)));
  });
  return firsts;
}

function encodeSamples(out: ByteWriter, buckets: Buckets): void {
  const { keys, binCounts } = buckets;
  const gaps: number[] = [];
  forEachRow(buckets, (_, from, to) => {
    for (let bin = from; bin < to; bin++) {
      if (bin > from) gaps.push((keys[bin] ?? 0) - (keys[bin - 1] ?? 0));
      for (let i = binCounts[bin] ?? 0; i > 1; i--) gaps.push(0);
    }
  });
  write(out, firstsOf(buckets));
  write(out, gaps);
}

function encodeBins(out: ByteWriter, buckets: Buckets): void {
  const { keys, binCounts, binEnds, length } = buckets;
  const widths = Array.from({ length }, (_, row) => (binEnds[row] ?? 0) - (binEnds[row - 1] ?? 0));
  const more: number[] = [];
  const gaps: number[] = [];
  forEachRow(buckets, (_, from, to) => {
    for (let bin = from + 1; bin < to; bin++) {
      more.push((binCounts[bin - 1] ?? 0) - 1);
      gaps.push((keys[bin] ?? 0) - (keys[bin - 1] ?? 0) - 1);
    }
  });
  write(out, firstsOf(buckets));
  write(out, widths);
  write(out, more);
  write(out, gaps);
}

/** Reads what `encodeSketches` wrote at `start` into the rows there are, whose counts and least are known. */
export function decodeSketches(bytes: Uint8Array, start: number, out: Buckets): void {
  out.keys.length = 0;
  out.binCounts.length = 0;
  cursor.start(bytes, start);
  const mode = cursor.u8();
  const live = out.counts.subarray(0, out.length);
  const firsts = read(bytes, live.filter((count) => count > 0).length);
  if (mode === SAMPLES) decodeSamples(bytes, firsts, out);
  else decodeBins(bytes, firsts, out);
}

function decodeSamples(bytes: Uint8Array, firsts: Float64Array, out: Buckets): void {
  const gaps = read(bytes, samplesIn(out) - firsts.length);
  let live = 0;
  let at = 0;
  for (let row = 0; row < out.length; row++) {
    const count = out.counts[row] ?? 0;
    if (count > 0) {
      let key = firstKey(out, row, firsts[live++]);
      let same = 1;
      for (let i = 1; i < count; i++) {
        const gap = gaps[at++] ?? 0;
        if (gap === 0) same++;
        else {
          addBin(out, key, same);
          key += gap;
          same = 1;
        }
      }
      addBin(out, key, same);
    }
    out.binEnds[row] = out.keys.length;
  }
}

function decodeBins(bytes: Uint8Array, firsts: Float64Array, out: Buckets): void {
  const widths = read(bytes, out.length);
  const inner = widths.reduce((sum, width) => sum + Math.max(0, width - 1), 0);
  const more = read(bytes, inner);
  const gaps = read(bytes, inner);
  let live = 0;
  let at = 0;
  for (let row = 0; row < out.length; row++) {
    const width = widths[row] ?? 0;
    if (width > 0) {
      let key = firstKey(out, row, firsts[live++]);
      let rest = out.counts[row] ?? 0;
      for (let bin = 1; bin < width; bin++) {
        const count = (more[at] ?? 0) + 1;
        addBin(out, key, count);
        rest -= count;
        key += (gaps[at++] ?? 0) + 1;
      }
      addBin(out, key, rest);
    }
    out.binEnds[row] = out.keys.length;
  }
}

function firstKey(out: Buckets, row: number, difference = 0): number {
  return sketchKey(out.mins[row] ?? 0) + zigzagDecode(difference);
}

function addBin(out: Buckets, key: number, count: number): void {
  out.keys.push(key);
  out.binCounts.push(count);
}

/** Rice codes of what is never negative: the codec's own zigzag is undone before. */
function write(out: ByteWriter, values: readonly number[]): void {
  if (numbers.length < values.length) numbers = new Float64Array(values.length * 2);
  for (let i = 0; i < values.length; i++) numbers[i] = zigzagDecode(values[i] ?? 0);
  const bytes = encodeRice(numbers, values.length);
  out.varint(bytes.length);
  out.bytes(bytes);
}

function read(bytes: Uint8Array, count: number): Float64Array {
  const out = new Float64Array(count);
  const length = cursor.varint();
  decodeRice(padded(bytes).view, cursor.at, count, out, 0);
  cursor.at += length;
  for (let i = 0; i < count; i++) out[i] = zigzagEncode(out[i] ?? 0);
  return out;
}
