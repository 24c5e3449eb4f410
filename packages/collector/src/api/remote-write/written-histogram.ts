import { isStaleMarker } from '@plimsoll/proto';
import { type Buckets, coarsen, type CounterResetHint, FloatHistogram } from '@plimsoll/promql';
import { histogramFault, isExponential, MAX_SCHEMA, type RawHistogram } from './histogram-fault.ts';
import { type ProtoReader, WIRE } from './proto-reader.ts';

/** A native histogram of a request. */
export interface WrittenHistogram {
  readonly timestampMs: number;
  /** 0 where it is not known. */
  readonly startTimestampMs: number;
  /** Or the stale marker, which as a histogram is one with that sum; or why it is none. */
  readonly content: FloatHistogram | 'stale' | { readonly fault: string };
}

/** Finer schemas that senders may use, and receivers join the buckets of. */
const FINEST_SCHEMA = 52;

const HINTS: readonly CounterResetHint[] = ['unknown', 'reset', 'not_reset', 'gauge'];

/**
 * Decodes `Histogram`, which is the same in both versions but for the last fields: count = 1 or 2 (float), sum = 3,
 * schema = 4, zero threshold = 5, zero count = 6 or 7 (float), negative spans, deltas, counts = 8, 9, 10, positive ones =
 * 11, 12, 13, reset hint = 14, timestamp = 15, custom values = 16, start timestamp = 17.
 */
export function readHistogram(reader: ProtoReader): WrittenHistogram {
  const raw = readRaw(reader);
  const { timestampMs, startTimestampMs } = raw;
  return { timestampMs, startTimestampMs, content: contentOf(raw) };
}

function contentOf(raw: RawMessage): WrittenHistogram['content'] {
  if (isStaleMarker(raw.sum)) return 'stale';
  const { schema } = raw;
  const reduced = schema > MAX_SCHEMA && schema <= FINEST_SCHEMA;
  const fault = histogramFault(reduced ? { ...raw, schema: MAX_SCHEMA } : raw);
  if (fault !== undefined) return { fault };
  const side = (of: 'positive' | 'negative'): Buckets => {
    const buckets = bucketsOf(raw, of);
    return reduced ? coarsen(buckets, schema, MAX_SCHEMA) : buckets;
  };
  return new FloatHistogram({
    schema: reduced ? MAX_SCHEMA : schema,
    zeroThreshold: raw.zeroThreshold,
    zeroCount: raw.zeroCount,
    count: raw.count,
    sum: raw.sum,
    positive: side('positive'),
    negative: side('negative'),
    customValues: isExponential(schema) ? [] : raw.customValues,
    counterResetHint: HINTS[raw.hint] ?? 'unknown',
  });
}

/** The fields of the message. */
interface RawMessage extends RawHistogram {
  readonly hint: number;
  readonly timestampMs: number;
  readonly startTimestampMs: number;
}

interface RawSide {
  spans: { offset: number; length: number }[];
  deltas: number[];
  counts: number[];
}

function readRaw(reader: ProtoReader): RawMessage {
  const scalars = new Map<number, number>();
  const negative: RawSide = { spans: [], deltas: [], counts: [] };
  const positive: RawSide = { spans: [], deltas: [], counts: [] };
  const customValues: number[] = [];
  while (!reader.done) {
    const { field, wire } = reader.tag();
    if (field >= 8 && field <= 10) readSide(reader, field - 8, wire, negative);
    else if (field >= 11 && field <= 13) readSide(reader, field - 11, wire, positive);
    else if (field === 16) readRepeated(reader, wire, WIRE.fixed64, customValues, (from) => from.double());
    else if (field === 4 && wire === WIRE.varint) scalars.set(field, reader.sint64());
    else if (wire === WIRE.varint) scalars.set(field, reader.int64());
    else if (wire === WIRE.fixed64) scalars.set(field, reader.double());
    else reader.skip(wire);
  }
  const scalar = (field: number): number => scalars.get(field) ?? 0;
  const isFloat = scalars.has(2);
  const side = ({ spans, deltas, counts }: RawSide) => ({
    spans,
    counts: isFloat ? counts : runningSums(deltas),
  });
  return {
    isFloat,
    count: scalar(isFloat ? 2 : 1),
    sum: scalar(3),
    schema: scalar(4),
    zeroThreshold: scalar(5),
    zeroCount: scalar(isFloat ? 7 : 6),
    negative: side(negative),
    positive: side(positive),
    customValues,
    hint: scalar(14),
    timestampMs: scalar(15),
    startTimestampMs: scalar(17),
  };
}

function readSide(reader: ProtoReader, kind: number, wire: number, side: RawSide): void {
  if (kind === 1) readRepeated(reader, wire, WIRE.varint, side.deltas, (from) => from.sint64());
  else if (kind === 2) readRepeated(reader, wire, WIRE.fixed64, side.counts, (from) => from.double());
  else if (wire === WIRE.bytes) side.spans.push(readSpan(reader.message()));
  else reader.skip(wire);
}

/** Packed, as senders write them, or one by one, as the encoding allows too. */
function readRepeated(
  reader: ProtoReader,
  wire: number,
  single: number,
  into: number[],
  read: (from: ProtoReader) => number,
): void {
  if (wire === single) into.push(read(reader));
  else if (wire === WIRE.bytes) {
    const packed = reader.message();
    while (!packed.done) into.push(read(packed));
  } else reader.skip(wire);
}

function readSpan(reader: ProtoReader): { offset: number; length: number } {
  const span = { offset: 0, length: 0 };
  while (!reader.done) {
    const { field, wire } = reader.tag();
    if (field === 1 && wire === WIRE.varint) span.offset = reader.sint64();
    else if (field === 2 && wire === WIRE.varint) span.length = reader.uint32();
    else reader.skip(wire);
  }
  return span;
}

function runningSums(deltas: readonly number[]): number[] {
  let sum = 0;
  return deltas.map((delta) => (sum += delta));
}

/** Spans say which buckets the counts are of, each from where the one before ended. */
function bucketsOf(raw: RawHistogram, of: 'positive' | 'negative'): Buckets {
  const { spans, counts } = raw[of];
  const indexes: number[] = [];
  let index = 0;
  for (const { offset, length } of spans) {
    index += offset;
    for (let i = 0; i < length; i++) indexes.push(index++);
  }
  return { indexes, counts: Float64Array.from(counts) };
}
