import type { Buckets, CounterResetHint, FloatHistogram } from '@plimsoll/promql';
import { ProtoWriter } from './proto-writer.ts';

const HINTS: readonly CounterResetHint[] = ['unknown', 'reset', 'not_reset', 'gauge'];

/** Tags of fields that are varints and eight bytes. */
const varintTag = (field: number): number => field * 8;
const doubleTag = (field: number): number => field * 8 + 1;

/**
 * `prometheus.Histogram` (see `readHistogram` of remote write for the fields): one with integer counts where they all are
 * integers, as nearly all senders have them, else with float counts.
 */
export function encodeHistogram(histogram: FloatHistogram, timestampMs: number): Uint8Array {
  const { schema, zeroThreshold, zeroCount, count, sum, positive, negative, customValues } = histogram;
  const integers = [zeroCount, count, ...positive.counts, ...negative.counts].every(
    (each) => Number.isSafeInteger(each) && each >= 0,
  );
  const message = new ProtoWriter();
  if (integers) message.varint(varintTag(1)).varint(count);
  else message.varint(doubleTag(2)).raw(doubles([count]));
  message.varint(doubleTag(3)).raw(doubles([sum]));
  message.varint(varintTag(4)).varint(zigzag(schema));
  message.varint(doubleTag(5)).raw(doubles([zeroThreshold]));
  if (integers) message.varint(varintTag(6)).varint(zeroCount);
  else message.varint(doubleTag(7)).raw(doubles([zeroCount]));
  writeSide(message, 8, negative, integers);
  writeSide(message, 11, positive, integers);
  message.varint(varintTag(14)).varint(HINTS.indexOf(histogram.counterResetHint));
  message.varint(varintTag(15)).varint(timestampMs);
  if (customValues.length > 0) message.field(16, doubles(customValues));
  return message.finish();
}

/** Spans in the field `first`, then differences of counts in the next, or counts in the one behind. */
function writeSide(
  message: ProtoWriter,
  first: number,
  { indexes, counts }: Buckets,
  integers: boolean,
): void {
  for (const { offset, length } of spansOf(indexes)) {
    const span = new ProtoWriter().varint(varintTag(1)).varint(zigzag(offset));
    message.field(first, span.varint(varintTag(2)).varint(length).finish());
  }
  if (counts.length === 0) return;
  if (!integers) {
    message.field(first + 2, doubles(counts));
    return;
  }
  const deltas = new ProtoWriter();
  let previous = 0;
  for (const count of counts) {
    deltas.varint(zigzag(count - previous));
    previous = count;
  }
  message.field(first + 1, deltas.finish());
}

function spansOf(indexes: readonly number[]): { offset: number; length: number }[] {
  const spans: { offset: number; length: number }[] = [];
  let expected = 0;
  for (const index of indexes) {
    const last = spans.at(-1);
    if (last !== undefined && index === expected) last.length++;
    else spans.push({ offset: index - expected, length: 1 });
    expected = index + 1;
  }
  return spans;
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

function doubles(values: ArrayLike<number>): Uint8Array {
  return new Uint8Array(Float64Array.from(values).buffer);
}
