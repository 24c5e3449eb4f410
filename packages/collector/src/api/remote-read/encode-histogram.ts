import type { Buckets, CounterResetHint, FloatHistogram } from '@plimsoll/promql';
import { ProtoWriter } from './proto-writer.ts';

const HINTS: readonly CounterResetHint[] = ['unknown', 'reset', 'not_reset', 'gauge'];

/** Tags of fields that are varints and eight bytes. */
const varintTag = (field: number): number => field * 8;
const doubleTag = (field: number): number => field * 8 + 1;

/** Room for a usual histogram, and for a span. */
const USUAL_BYTES = 256;
const SPAN_BYTES = 32;

/** Buckets that follow each other: how far the first is from the end of those before, and how many there are. */
export interface Span {
  readonly offset: number;
  readonly length: number;
}

/** Whether all counts are whole numbers, as nearly all senders have them: formats have a form for these. */
export function hasWholeCounts({ zeroCount, count, positive, negative }: FloatHistogram): boolean {
  return (
    isWhole(count) && isWhole(zeroCount) && positive.counts.every(isWhole) && negative.counts.every(isWhole)
  );
}

function isWhole(count: number): boolean {
  return Number.isSafeInteger(count) && count >= 0;
}

/**
 * `prometheus.Histogram` (see `readHistogram` of remote write for the fields): one with integer counts where they all are
 * integers, else with float counts. A start timestamp, which only remote write 2.0 has, is left out where it is 0.
 */
export function encodeHistogram(
  histogram: FloatHistogram,
  timestampMs: number,
  startTimestampMs = 0,
): Uint8Array {
  const { schema, zeroThreshold, zeroCount, count, sum, positive, negative, customValues } = histogram;
  const integers = hasWholeCounts(histogram);
  const message = new ProtoWriter(USUAL_BYTES);
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
  if (startTimestampMs !== 0) message.varint(varintTag(17)).varint(startTimestampMs);
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
    const span = new ProtoWriter(SPAN_BYTES).varint(varintTag(1)).varint(zigzag(offset));
    message.field(first, span.varint(varintTag(2)).varint(length).finish());
  }
  if (counts.length === 0) return;
  if (!integers) {
    message.field(first + 2, doubles(counts));
    return;
  }
  const deltas = new ProtoWriter(USUAL_BYTES);
  let previous = 0;
  for (const count of counts) {
    deltas.varint(zigzag(count - previous));
    previous = count;
  }
  message.field(first + 1, deltas.finish());
}

/** Ascending indexes as spans. */
export function spansOf(indexes: readonly number[]): readonly Span[] {
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
