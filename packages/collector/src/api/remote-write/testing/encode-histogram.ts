import { field, varint } from './encode-write-request.ts';

/** A native histogram to encode: written from the protocol's description, apart from the decoder under test. */
export interface HistogramToWrite {
  readonly timestampMs: number;
  readonly startTimestampMs?: number;
  readonly schema?: number;
  readonly sum?: number;
  readonly zeroThreshold?: number;
  /** Integer counts, else the fields of float ones are used. */
  readonly float?: boolean;
  readonly count?: number;
  readonly zeroCount?: number;
  readonly positive?: SideToWrite;
  readonly negative?: SideToWrite;
  readonly hint?: number;
  readonly customValues?: readonly number[];
}

interface SideToWrite {
  readonly spans: readonly (readonly [offset: number, length: number])[];
  /** As they are; a message with integers has their differences. */
  readonly counts: readonly number[];
}

const zigzag = (value: number): Buffer => varint(value < 0 ? -2 * value - 1 : 2 * value);

function double(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}

/** The message of a histogram, the same in both versions but for the start timestamp. */
export function encodeHistogramMessage(histogram: HistogramToWrite): Buffer {
  const { float = false, count = 0, zeroCount = 0, sum = 0, schema = 0, zeroThreshold = 0 } = histogram;
  const { hint = 0, timestampMs, startTimestampMs = 0, customValues = [] } = histogram;
  const number = (integer: number, value: number): Buffer =>
    float
      ? Buffer.concat([varint((integer + 1) * 8 + 1), double(value)])
      : Buffer.concat([varint(integer * 8), varint(value)]);
  return Buffer.concat([
    number(1, count),
    Buffer.concat([varint(3 * 8 + 1), double(sum)]),
    Buffer.concat([varint(4 * 8), zigzag(schema)]),
    Buffer.concat([varint(5 * 8 + 1), double(zeroThreshold)]),
    number(6, zeroCount),
    encodeSide(8, histogram.negative, float),
    encodeSide(11, histogram.positive, float),
    Buffer.concat([varint(14 * 8), varint(hint), varint(15 * 8), varint(timestampMs)]),
    // One by one, as the encoding allows beside packed.
    ...customValues.flatMap((bound) => [varint(16 * 8 + 1), double(bound)]),
    Buffer.concat([varint(17 * 8), varint(startTimestampMs)]),
  ]);
}

function encodeSide(first: number, side: SideToWrite | undefined, float: boolean): Buffer {
  const { spans, counts } = side ?? { spans: [], counts: [] };
  const deltas = () => counts.map((count, i) => zigzag(count - (counts[i - 1] ?? 0)));
  return Buffer.concat([
    ...spans.map(([offset, length]) =>
      field(first, Buffer.concat([varint(8), zigzag(offset), varint(16), varint(length)])),
    ),
    ...(counts.length === 0
      ? []
      : [
          float
            ? field(first + 2, Buffer.concat(counts.map(double)))
            : field(first + 1, Buffer.concat(deltas())),
        ]),
  ]);
}
