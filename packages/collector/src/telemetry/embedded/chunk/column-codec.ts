import { isNoSample, writeNoSample } from '@plimsoll/proto';
import type { ByteWriter } from '../byte-writer.ts';
import { readIntegers, writeIntegers } from './integer-column.ts';
import { Cursor, PADDING_BYTES, type PaddedBytes, padded } from './padded-bytes.ts';
import { powerOfTen, scaleToIntegers } from './scaled-integers.ts';
import { decodeXor, encodeXor } from './xor-column.ts';

/** First byte of a column: an exponent of ten 0..12 for scaled integers, else one of these. */
const SAME = 0x40;
const XOR = 0x41;
/** Some rows have no sample: lengths of the runs with and without follow, then the column of those there are. */
const GAPS = 0x42;
/** Stands for a column without bytes: no row has a sample. */
const EMPTY = 0x43;
/** Added to the exponent when some values are no numbers on the scale and are listed apart. */
const WITH_EXCEPTIONS = 0x10;
const EXPONENT_MASK = 0x0f;
/** More exceptions than one in this many values, and the XOR code is shorter. */
const VALUES_PER_EXCEPTION = 16;

let plain = new Float64Array(1024);
let scaled = new Float64Array(1024);
const cursor = new Cursor();

/**
 * Encodes doubles, any bits preserved. "No sample" costs next to nothing; a column of nothing else has no bytes at
 * all. `hint` is the exponent that fitted this series before.
 *
 * @returns the exponent that fitted, to be the next hint; 0 for codes that have none.
 */
export function encodeColumn(out: ByteWriter, values: Float64Array, count: number, hint = 0): number {
  const present = presentRows(values, count);
  if (present === null) return encodeDense(out, values, count, hint);
  if (present.length === 0) return hint;
  out.u8(GAPS);
  writeGapRuns(out, present, count);
  const dense = new Float64Array(present.length);
  present.forEach((row, i) => dense.set(values.subarray(row, row + 1), i));
  return encodeDense(out, dense, dense.length, hint);
}

function encodeDense(out: ByteWriter, values: Float64Array, count: number, hint: number): number {
  if (plain.length < count) {
    plain = new Float64Array(count * 2);
    scaled = new Float64Array(count * 2);
  }
  const exceptions = findExceptions(values, count);
  if (exceptions === null) {
    writeOther(out, values, count);
    return 0;
  }
  const source = exceptions.length === 0 ? values : replaceExceptions(values, count, exceptions);
  const exponent = scaleToIntegers(source, count, scaled, hint);
  if (exponent < 0) {
    writeOther(out, values, count);
    return 0;
  }
  out.u8(exceptions.length === 0 ? exponent : exponent | WITH_EXCEPTIONS);
  if (exceptions.length > 0) writeExceptions(out, values, exceptions);
  writeIntegers(out, scaled, count);
  return exponent;
}

/**
 * Decodes the column in [start, end) of `source` into `out[outAt, outAt + count)`.
 *
 * @returns whether some rows have no sample.
 */
export function decodeColumn(
  source: PaddedBytes,
  start: number,
  end: number,
  count: number,
  out: Float64Array,
  outAt: number,
): boolean {
  const { bytes, view } = source;
  const code = start < end ? (bytes[start] ?? EMPTY) : EMPTY;
  if (code < WITH_EXCEPTIONS) {
    readIntegers(cursor.start(bytes, start + 1), view, count, powerOfTen(code), out, outAt);
    return false;
  }
  decodeRare(source, code, start, end, count, out, outAt);
  return code === EMPTY || code === GAPS;
}

/** Decodes a column of its own, copying it to where it is padded. */
export function decodeWholeColumn(bytes: Uint8Array, count: number, out: Float64Array, outAt = 0): void {
  const copy = new Uint8Array(bytes.length + PADDING_BYTES);
  copy.set(bytes);
  decodeColumn(padded(copy), 0, bytes.length, count, out, outAt);
}

function decodeRare(
  source: PaddedBytes,
  code: number,
  start: number,
  end: number,
  count: number,
  out: Float64Array,
  outAt: number,
): void {
  const { bytes, view } = source;
  switch (code) {
    case EMPTY:
      fillNoSample(out, outAt, outAt + count);
      return;
    case GAPS:
      decodeWithGaps(source, start + 1, end, out, outAt);
      return;
    case XOR:
      decodeXor(bytes.subarray(start + 1, end), count, out, outAt);
      return;
    case SAME: {
      const pattern = new Float64Array(bytes.slice(start + 1, start + 9).buffer);
      for (let i = 0; i < count; i++) out.set(pattern, outAt + i);
      return;
    }
    default: {
      cursor.start(bytes, start + 1);
      const exceptions = readExceptions(bytes);
      readIntegers(cursor, view, count, powerOfTen(code & EXPONENT_MASK), out, outAt);
      for (const { index, bits } of exceptions) out.set(bits, outAt + index);
    }
  }
}

/** Indexes of values that no integer stands for: NaN, infinities, minus zero. Null when there are too many. */
function findExceptions(values: Float64Array, count: number): number[] | null {
  const found: number[] = [];
  for (let i = 0; i < count; i++) {
    const value = values[i] ?? 0;
    // The difference is NaN for NaN and the infinities alone.
    if (value - value === 0 && (value !== 0 || 1 / value > 0)) continue;
    found.push(i);
    if (found.length * VALUES_PER_EXCEPTION > count + VALUES_PER_EXCEPTION) return null;
  }
  return found.length === count ? null : found;
}

/** A copy where each exception repeats the value before it, or the first ordinary one. */
function replaceExceptions(values: Float64Array, count: number, exceptions: readonly number[]): Float64Array {
  plain.set(values.subarray(0, count));
  let ordinary = 0;
  while (exceptions[ordinary] === ordinary) ordinary++;
  for (const index of exceptions) plain[index] = plain[index < ordinary ? ordinary : index - 1] ?? 0;
  return plain;
}

function writeExceptions(out: ByteWriter, values: Float64Array, exceptions: readonly number[]): void {
  out.varint(exceptions.length);
  let previous = 0;
  for (const index of exceptions) {
    out.varint(index - previous);
    out.memory(values.subarray(index, index + 1));
    previous = index;
  }
}

function readExceptions(bytes: Uint8Array): { readonly index: number; readonly bits: Float64Array }[] {
  let index = 0;
  return Array.from({ length: cursor.varint() }, () => {
    index += cursor.varint();
    const bits = new Float64Array(bytes.slice(cursor.at, cursor.at + 8).buffer);
    cursor.at += 8;
    return { index, bits };
  });
}

function writeOther(out: ByteWriter, values: Float64Array, count: number): void {
  const words = new Uint32Array(values.buffer, values.byteOffset, count * 2);
  if (words.every((word, i) => word === words[i & 1])) {
    out.u8(SAME);
    out.memory(values.subarray(0, 1));
    return;
  }
  out.u8(XOR);
  out.bytes(encodeXor(values, count));
}

/** Rows that have a sample, or null when all have. */
function presentRows(values: Float64Array, count: number): number[] | null {
  let row = 0;
  while (row < count && !isGap(values[row] ?? 0)) row++;
  if (row === count) return null;
  const present = Array.from({ length: row }, (_, i) => i);
  for (; row < count; row++) if (!isGap(values[row] ?? 0)) present.push(row);
  return present;
}

function isGap(value: number): boolean {
  return Number.isNaN(value) && isNoSample(value);
}

/** Lengths of the runs with and without samples in turn, beginning with one of rows that have them. */
function writeGapRuns(out: ByteWriter, present: readonly number[], count: number): void {
  const runs: number[] = [];
  let at = 0;
  for (let i = 0; i < present.length;) {
    const from = present[i] ?? 0;
    let length = 1;
    while (present[i + length] === from + length) length++;
    if (i === 0 && from > 0) runs.push(0);
    if (from > at) runs.push(from - at);
    runs.push(length);
    at = from + length;
    i += length;
  }
  if (at < count) runs.push(count - at);
  out.varint(runs.length);
  for (const run of runs) out.varint(run);
}

function decodeWithGaps(
  source: PaddedBytes,
  start: number,
  end: number,
  out: Float64Array,
  outAt: number,
): void {
  cursor.start(source.bytes, start);
  const runs = Array.from({ length: cursor.varint() }, () => cursor.varint());
  const present = runs.reduce((sum, run, i) => (i % 2 === 0 ? sum + run : sum), 0);
  const dense = new Float64Array(present);
  decodeColumn(source, cursor.at, end, present, dense, 0);
  let from = 0;
  let at = outAt;
  runs.forEach((run, i) => {
    if (i % 2 === 0) {
      out.set(dense.subarray(from, from + run), at);
      from += run;
    } else fillNoSample(out, at, at + run);
    at += run;
  });
}

function fillNoSample(out: Float64Array, from: number, to: number): void {
  for (let i = from; i < to; i++) writeNoSample(out, i);
}
