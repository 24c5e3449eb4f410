import type { FloatHistogram } from '@plimsoll/promql';
import { isExponential } from '../remote-write/histogram-fault.ts';
import { BitWriter } from './bit-writer.ts';
import { hasWholeCounts, spansOf } from './encode-histogram.ts';
import { StartEncoder } from './start-encoder.ts';
import { XorWriter } from './xor-writer.ts';

/** Histograms of one chunk, each with its time. */
export interface HistogramRun {
  readonly timestamps: Float64Array;
  readonly histograms: readonly FloatHistogram[];
  /** 0 where one is not known. */
  readonly startTimestamps: Float64Array;
}

/** Room for a chunk of usual histograms; others let it grow. */
const USUAL_BYTES = 2048;

/** The first two bits of a chunk, by what is known of its first histogram. */
const FLAGS = { unknown: 0b00, not_reset: 0b01, reset: 0b10, gauge: 0b11 } as const;

/** The largest bound that is written as a whole number of thousandths. */
const MAX_THOUSANDTHS = 33_554_430;

/**
 * Whether a histogram may follow another one in a chunk, where all have the same buckets and kind of counts, and all but
 * the first go on counting, or are gauges.
 */
export function canFollow(histogram: FloatHistogram, before: FloatHistogram): boolean {
  const isGauge = before.counterResetHint === 'gauge';
  return (
    histogram.counterResetHint === (isGauge ? 'gauge' : 'not_reset') &&
    histogram.schema === before.schema &&
    histogram.zeroThreshold === before.zeroThreshold &&
    isSame(histogram.customValues, before.customValues) &&
    isSame(histogram.positive.indexes, before.positive.indexes) &&
    isSame(histogram.negative.indexes, before.negative.indexes) &&
    hasWholeCounts(histogram) === hasWholeCounts(before)
  );
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((each, i) => Object.is(each, b[i]));
}

/** A chunk of Prometheus' and its number, see `decodeHistogramChunk`. With `starts` it has start timestamps. */
export function encodeHistogramChunk(
  { timestamps, histograms, startTimestamps }: HistogramRun,
  starts: boolean,
): { readonly type: number; readonly data: Uint8Array } {
  const [first] = histograms;
  if (first === undefined) throw new RangeError('a chunk of no histogram');
  const writer = new BitWriter(USUAL_BYTES);
  const flags = FLAGS[first.counterResetHint];
  const count = histograms.length;
  if (starts) writer.write(flags * 2 ** 14 + count, 16);
  else writer.write(count, 16);
  writer.write(starts ? 0 : flags << 6, 8);
  writeLayout(writer, first);
  const whole = hasWholeCounts(first);
  const numbers = whole ? new WholeNumbers(writer) : new FloatNumbers(writer);
  const encoder = new StartEncoder(writer);
  let before = 0;
  let deltaBefore = 0;
  for (const [i, histogram] of histograms.entries()) {
    const time = timestamps[i] ?? 0;
    const delta = i === 0 ? 0 : time - before;
    writer.varbit(i === 0 ? time : delta - deltaBefore);
    numbers.write(histogram, i === 0);
    if (starts) encoder.next(i, startTimestamps[i] ?? 0, time, before);
    deltaBefore = delta;
    before = time;
  }
  const data = writer.finish();
  if (starts) data[2] = encoder.header;
  return { type: (whole ? 2 : 3) + (starts ? 3 : 0), data };
}

function writeLayout(
  writer: BitWriter,
  { schema, zeroThreshold, customValues, positive, negative }: FloatHistogram,
): void {
  writeZeroThreshold(writer, zeroThreshold);
  writer.varbit(schema);
  for (const { indexes } of [positive, negative]) {
    const spans = spansOf(indexes);
    writer.unsignedVarbit(spans.length);
    for (const { offset, length } of spans) {
      writer.unsignedVarbit(length);
      writer.varbit(offset);
    }
  }
  if (isExponential(schema)) return;
  writer.unsignedVarbit(customValues.length);
  for (const bound of customValues) writeBound(writer, bound);
}

function writeZeroThreshold(writer: BitWriter, threshold: number): void {
  const exponent = Math.log2(threshold);
  if (threshold === 0) writer.write(0, 8);
  else if (Number.isInteger(exponent) && 2 ** exponent === threshold && exponent >= -243 && exponent <= 10) {
    writer.write(exponent + 244, 8);
  } else {
    writer.write(255, 8);
    writer.double(threshold);
  }
}

function writeBound(writer: BitWriter, bound: number): void {
  const thousandths = Math.round(bound * 1000);
  if (thousandths >= 0 && thousandths <= MAX_THOUSANDTHS && Object.is(thousandths / 1000, bound)) {
    writer.unsignedVarbit(thousandths + 1);
  } else {
    writer.write(0, 1);
    writer.double(bound);
  }
}

/** Whole counts as deltas of deltas; those of buckets are the differences between neighbours. */
class WholeNumbers {
  readonly #writer: BitWriter;
  readonly #sum: XorWriter;
  #before: number[] = [];
  #deltas: number[] = [];

  constructor(writer: BitWriter) {
    this.#writer = writer;
    this.#sum = new XorWriter(writer);
  }

  write({ count, zeroCount, sum, positive, negative }: FloatHistogram, isFirst: boolean): void {
    const numbers = [count, zeroCount, ...differences(positive.counts), ...differences(negative.counts)];
    const deltas = numbers.map((number, i) => (isFirst ? 0 : number - (this.#before[i] ?? 0)));
    for (const [i, number] of numbers.entries()) {
      if (i === 2) this.#writeSum(sum, isFirst);
      if (!isFirst) this.#writer.varbit((deltas[i] ?? 0) - (this.#deltas[i] ?? 0));
      else if (i < 2) this.#writer.unsignedVarbit(number);
      else this.#writer.varbit(number);
    }
    if (numbers.length === 2) this.#writeSum(sum, isFirst);
    this.#before = numbers;
    this.#deltas = deltas;
  }

  #writeSum(sum: number, isFirst: boolean): void {
    writeValue(this.#sum, sum, isFirst);
  }
}

function differences(counts: Float64Array): Float64Array {
  return counts.map((count, i) => count - (i === 0 ? 0 : (counts[i - 1] ?? 0)));
}

/** Counts that are no whole numbers, each as XOR with its own predecessor. */
class FloatNumbers {
  readonly #writer: BitWriter;
  readonly #columns: XorWriter[] = [];

  constructor(writer: BitWriter) {
    this.#writer = writer;
  }

  write({ count, zeroCount, sum, positive, negative }: FloatHistogram, isFirst: boolean): void {
    const numbers = [count, zeroCount, sum, ...positive.counts, ...negative.counts];
    for (const [i, number] of numbers.entries()) {
      writeValue((this.#columns[i] ??= new XorWriter(this.#writer)), number, isFirst);
    }
  }
}

function writeValue(column: XorWriter, value: number, isFirst: boolean): void {
  if (isFirst) {
    column.take(value);
    column.whole();
  } else column.next(value);
}
