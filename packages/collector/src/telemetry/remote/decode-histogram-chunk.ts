import { type Buckets, coarsen, type CounterResetHint, FloatHistogram } from '@plimsoll/promql';
import { isExponential, MAX_SCHEMA } from '../../api/remote-write/histogram-fault.ts';
import { ProtoError } from '../../api/remote-write/proto-reader.ts';
import { BitReader } from './bit-reader.ts';
import type { SampleRun } from '../sample-run.ts';
import { StartDecoder } from './start-decoder.ts';
import { XorValue } from './xor-value.ts';

/** What Prometheus' four kinds of histogram chunks differ in. */
export interface HistogramChunkKind {
  /** Counts are doubles instead of whole numbers. */
  readonly floats: boolean;
  /** Samples have start timestamps. */
  readonly starts: boolean;
}

/** The first two bits of a chunk's header. */
const GAUGE = 0b11;
const RESET = 0b10;

/** The buckets that all histograms of a chunk have. */
interface Layout {
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly customValues: readonly number[];
  readonly positive: readonly number[];
  readonly negative: readonly number[];
}

/** Buckets of one side; a chunk that claims more is damaged. */
const MAX_BUCKETS = 1_000_000;

/** The numbers of one histogram after another. */
interface Counts {
  /** Zero count, count, and the counts of positive, then of negative buckets. */
  readonly counts: Float64Array;
  next(isFirst: boolean): void;
}

/**
 * Decodes a chunk of native histograms: their layout once, then of each its time, its counts and its sum as differences
 * to the one before. Stale markers come as values, without a histogram. Throws ProtoError where the chunk ends early.
 */
export function decodeHistogramChunk(bytes: Uint8Array, kind: HistogramChunkKind): SampleRun {
  const [first = 0, second = 0, third = 0] = bytes;
  const flags = kind.starts ? first >> 6 : third >> 6;
  const count = (kind.starts ? first & 0x3f : first) * 256 + second;
  const starts = kind.starts ? new StartDecoder(third) : null;
  const reader = new BitReader(bytes, 3);
  const timestamps = new Float64Array(count);
  const values = new Float64Array(count);
  const words = new Uint32Array(values.buffer);
  const startTimestamps = new Float64Array(count);
  const histograms: (FloatHistogram | undefined)[] = [];
  if (count === 0) return { timestamps, values };
  const layout = readLayout(reader);
  const sum = new XorValue();
  const numbers = kind.floats ? new FloatCounts(reader, layout, sum) : new WholeCounts(reader, layout, sum);
  let time = 0;
  let delta = 0;
  for (let i = 0; i < count; i++) {
    const previous = time;
    if (i === 0) time = reader.varbit();
    else time += delta += reader.varbit();
    numbers.next(i === 0);
    timestamps[i] = time;
    if (sum.isStale) {
      sum.put(words, i);
      histograms.push(undefined);
    } else histograms.push(toHistogram(layout, numbers.counts, sum.value, hintOf(flags, i)));
    if (starts !== null) startTimestamps[i] = starts.next(reader, i, time, previous);
  }
  const known = startTimestamps.some((startMs) => startMs !== 0);
  return { timestamps, values, histograms, ...(known && { startTimestamps }) };
}

function hintOf(flags: number, index: number): CounterResetHint {
  if (flags === GAUGE) return 'gauge';
  if (index > 0) return 'not_reset';
  return flags === RESET ? 'reset' : 'unknown';
}

function readLayout(reader: BitReader): Layout {
  const zeroThreshold = readZeroThreshold(reader);
  const schema = reader.varbit();
  const positive = readIndexes(reader);
  const negative = readIndexes(reader);
  const customValues = isExponential(schema) ? [] : readBounds(reader);
  return { schema, zeroThreshold, customValues, positive, negative };
}

/** One byte for 0 and usual powers of two, else eight more. */
function readZeroThreshold(reader: BitReader): number {
  const form = reader.bits(8);
  if (form === 0) return 0;
  return form === 255 ? readDouble(reader) : 2 ** (form - 244);
}

function readIndexes(reader: BitReader): number[] {
  const indexes: number[] = [];
  let index = 0;
  for (let left = reader.unsignedVarbit(); left > 0; left--) {
    const length = reader.unsignedVarbit();
    index += reader.varbit();
    if (indexes.length + length > MAX_BUCKETS) throw new ProtoError('a histogram has too many buckets');
    for (let i = 0; i < length; i++) indexes.push(index++);
  }
  return indexes;
}

/** Multiples of a thousandth as whole numbers, others as doubles. */
function readBounds(reader: BitReader): number[] {
  const count = reader.unsignedVarbit();
  if (count > MAX_BUCKETS) throw new ProtoError('a histogram has too many buckets');
  return Array.from({ length: count }, () => {
    const thousandths = reader.unsignedVarbit();
    return thousandths === 0 ? readDouble(reader) : (thousandths - 1) / 1000;
  });
}

function readDouble(reader: BitReader): number {
  const value = new XorValue();
  value.readWhole(reader);
  return value.value;
}

/** Whole numbers, as deltas of deltas; those of buckets are the differences between neighbours. */
class WholeCounts implements Counts {
  readonly counts: Float64Array;
  readonly #reader: BitReader;
  readonly #sum: XorValue;
  readonly #positives: number;
  /** As they are written: the first two, then the differences of each side. */
  readonly #numbers: Float64Array;
  readonly #deltas: Float64Array;

  constructor(reader: BitReader, { positive, negative }: Layout, sum: XorValue) {
    const size = 2 + positive.length + negative.length;
    this.#reader = reader;
    this.#sum = sum;
    this.#positives = positive.length;
    this.counts = new Float64Array(size);
    this.#numbers = new Float64Array(size);
    this.#deltas = new Float64Array(size);
  }

  next(isFirst: boolean): void {
    const numbers = this.#numbers;
    for (let i = 0; i < 2; i++) this.#read(i, isFirst);
    if (isFirst) this.#sum.readWhole(this.#reader);
    else this.#sum.read(this.#reader);
    if (this.#sum.isStale && !isFirst) return;
    for (let i = 2; i < numbers.length; i++) this.#read(i, isFirst);
    let running = 0;
    for (let i = 0; i < numbers.length; i++) {
      // Each side begins anew.
      if (i <= 2 || i === 2 + this.#positives) running = 0;
      running += numbers[i] ?? 0;
      this.counts[i] = running;
    }
  }

  #read(i: number, isFirst: boolean): void {
    const numbers = this.#numbers;
    if (isFirst) {
      numbers[i] = i < 2 ? this.#reader.unsignedVarbit() : this.#reader.varbit();
      return;
    }
    const delta = (this.#deltas[i] ?? 0) + this.#reader.varbit();
    this.#deltas[i] = delta;
    numbers[i] = (numbers[i] ?? 0) + delta;
  }
}

/** Doubles, each as XOR with its own predecessor. */
class FloatCounts implements Counts {
  readonly counts: Float64Array;
  readonly #reader: BitReader;
  readonly #sum: XorValue;
  readonly #values: readonly XorValue[];

  constructor(reader: BitReader, { positive, negative }: Layout, sum: XorValue) {
    const size = 2 + positive.length + negative.length;
    this.#reader = reader;
    this.#sum = sum;
    this.counts = new Float64Array(size);
    this.#values = Array.from({ length: size }, () => new XorValue());
  }

  next(isFirst: boolean): void {
    for (const [i, value] of this.#values.entries()) {
      if (i === 2) {
        this.#read(this.#sum, isFirst);
        if (this.#sum.isStale && !isFirst) return;
      }
      this.#read(value, isFirst);
      this.counts[i] = value.value;
    }
    if (this.#values.length === 2) this.#read(this.#sum, isFirst);
  }

  #read(value: XorValue, isFirst: boolean): void {
    if (isFirst) value.readWhole(this.#reader);
    else value.read(this.#reader);
  }
}

function toHistogram(
  { schema, zeroThreshold, customValues, positive, negative }: Layout,
  counts: Float64Array,
  sum: number,
  counterResetHint: CounterResetHint,
): FloatHistogram {
  const side = (indexes: readonly number[], from: number): Buckets => {
    const buckets = { indexes, counts: counts.slice(from, from + indexes.length) };
    // A finer schema than we know is one of the future: its buckets can be joined.
    return isExponential(schema) && schema > MAX_SCHEMA ? coarsen(buckets, schema, MAX_SCHEMA) : buckets;
  };
  return new FloatHistogram({
    schema: Math.min(schema, MAX_SCHEMA),
    zeroThreshold,
    count: counts[0] ?? 0,
    zeroCount: counts[1] ?? 0,
    sum,
    positive: side(positive, 2),
    negative: side(negative, 2 + positive.length),
    customValues,
    counterResetHint,
  });
}
