import { type Buckets, type CounterResetHint, FloatHistogram } from '@plimsoll/promql';
import type { ByteReader } from '../byte-reader.ts';
import type { ByteWriter } from '../byte-writer.ts';
import { zigzagDecode, zigzagEncode } from '../chunk/zigzag.ts';

/** By number; the order is part of the format. */
export const HINTS: readonly CounterResetHint[] = ['unknown', 'reset', 'not_reset', 'gauge'];

/** Counts are integers, each written as its distance to the one before. */
const INTEGERS = 1;

/** Writes one histogram by itself, as the log has it; see docs/format/log.md. */
export function writeHistogram(out: ByteWriter, histogram: FloatHistogram): void {
  const { schema, zeroThreshold, zeroCount, count, sum, positive, negative, customValues } = histogram;
  const integers = positive.counts.every(isCount) && negative.counts.every(isCount);
  out.u8(integers ? INTEGERS : 0);
  out.u8(HINTS.indexOf(histogram.counterResetHint));
  out.varint(zigzagEncode(schema));
  for (const number of [zeroThreshold, zeroCount, count, sum]) out.f64(number);
  out.varint(customValues.length);
  for (const bound of customValues) out.f64(bound);
  for (const side of [positive, negative]) {
    writeIndexes(out, side.indexes);
    writeCounts(out, side.counts, integers);
  }
}

export function readHistogram(reader: ByteReader): FloatHistogram {
  const integers = (reader.u8() & INTEGERS) !== 0;
  const counterResetHint = HINTS[reader.u8()] ?? 'unknown';
  const schema = zigzagDecode(reader.varint());
  const [zeroThreshold, zeroCount, count, sum] = reader.float64s(4);
  const customValues = [...reader.float64s(reader.varint())];
  const readSide = (): Buckets => {
    const indexes = readIndexes(reader);
    return { indexes, counts: readCounts(reader, indexes.length, integers) };
  };
  return new FloatHistogram({
    counterResetHint,
    schema,
    zeroThreshold: zeroThreshold ?? 0,
    zeroCount: zeroCount ?? 0,
    count: count ?? 0,
    sum: sum ?? 0,
    customValues,
    positive: readSide(),
    negative: readSide(),
  });
}

/** Ascending indexes of buckets: most follow each other. */
export function writeIndexes(out: ByteWriter, indexes: readonly number[]): void {
  out.varint(indexes.length);
  let expected = 0;
  for (const index of indexes) {
    out.varint(zigzagEncode(index - expected));
    expected = index + 1;
  }
}

export function readIndexes(reader: { varint(): number }): number[] {
  let expected = 0;
  return Array.from({ length: reader.varint() }, () => {
    const index = expected + zigzagDecode(reader.varint());
    expected = index + 1;
    return index;
  });
}

/** A whole number that differences of two such still hold exactly. */
function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 2 ** 51 && !Object.is(value, -0);
}

function writeCounts(out: ByteWriter, counts: Float64Array, integers: boolean): void {
  if (!integers) {
    for (const count of counts) out.f64(count);
    return;
  }
  let previous = 0;
  for (const count of counts) {
    out.varint(zigzagEncode(count - previous));
    previous = count;
  }
}

function readCounts(reader: ByteReader, length: number, integers: boolean): Float64Array {
  if (!integers) return reader.float64s(length);
  let previous = 0;
  return Float64Array.from({ length }, () => (previous += zigzagDecode(reader.varint())));
}
