import { isNoSample, writeNoSample } from '@plimsoll/proto';
import { type Buckets, FloatHistogram, type FloatHistogramFields, NO_BUCKETS } from '@plimsoll/promql';
import { ByteWriter } from '../byte-writer.ts';
import { decodeColumn, encodeColumn } from '../chunk/column-codec.ts';
import { Cursor, type PaddedBytes } from '../chunk/padded-bytes.ts';
import { zigzagDecode, zigzagEncode } from '../chunk/zigzag.ts';
import { HINTS, readIndexes, writeIndexes } from './histogram-record.ts';
import type { SampleDetails } from './sample-details.ts';

const STARTS = 1;
const HISTOGRAMS = 2;
/** Columns of every run before those of its buckets: hint, count, sum, zero count. */
const SCALARS = 4;

const column = new ByteWriter(new ArrayBuffer(4096));

/** Details on their way between threads: a histogram's methods do not come along. */
interface PlainDetails {
  readonly histograms: readonly (FloatHistogramFields | undefined)[];
  readonly startTimestampsMs: Float64Array;
}

/**
 * Encodes the details of one series' samples as columns, one for each number of the histograms: consecutive ones differ
 * little, and a bucket most often not at all. See docs/format/columns.md.
 */
export function encodeDetails(out: ByteWriter, { histograms, startTimestampsMs }: PlainDetails): void {
  const starts = startTimestampsMs.some((startMs) => startMs !== 0) ? STARTS : 0;
  const any = histograms.some((histogram) => histogram !== undefined) ? HISTOGRAMS : 0;
  out.u8(starts | any);
  if (starts !== 0) writeColumn(out, startTimestampsMs);
  if (any === 0) return;
  const runs = runsOf(histograms);
  out.varint(runs.length);
  for (const { rows, histograms: ofRun } of runs) {
    out.varint(rows);
    out.u8(ofRun.length === 0 ? 0 : 1);
    writeRun(out, ofRun);
  }
}

/** Decodes `count` rows of the details in `source` from `start` on. */
export function decodeDetails(source: PaddedBytes, start: number, count: number): SampleDetails {
  const reader = new DetailReader(source, start);
  const flags = reader.cursor.u8();
  const startTimestampsMs = (flags & STARTS) === 0 ? new Float64Array(count) : reader.column(count);
  if ((flags & HISTOGRAMS) === 0) {
    return { startTimestampsMs, histograms: Array.from({ length: count }, () => undefined) };
  }
  const histograms: (FloatHistogram | undefined)[] = [];
  for (let runs = reader.cursor.varint(); runs > 0; runs--) {
    const rows = reader.cursor.varint();
    if (reader.cursor.u8() === 0) for (let row = 0; row < rows; row++) histograms.push(undefined);
    else reader.run(rows, histograms);
  }
  return { startTimestampsMs, histograms };
}

interface Run {
  /** What is the same of all its rows; empty for rows without a histogram. */
  readonly key: string;
  rows: number;
  readonly histograms: FloatHistogramFields[];
}

function runsOf(histograms: readonly (FloatHistogramFields | undefined)[]): Run[] {
  const runs: Run[] = [];
  for (const histogram of histograms) {
    const { schema = '', zeroThreshold = '', customValues = [] } = histogram ?? {};
    const key = [schema, zeroThreshold, ...customValues].join();
    let run = runs.at(-1);
    if (run?.key !== key) runs.push((run = { key, rows: 0, histograms: [] }));
    run.rows++;
    if (histogram !== undefined) run.histograms.push(histogram);
  }
  return runs;
}

function writeRun(out: ByteWriter, rows: readonly FloatHistogramFields[]): void {
  const [first] = rows;
  if (first === undefined) return;
  out.varint(zigzagEncode(first.schema));
  out.f64(first.zeroThreshold);
  out.varint(first.customValues.length);
  for (const bound of first.customValues) out.f64(bound);
  const positive = new SideColumns(rows.map((row) => row.positive));
  const negative = new SideColumns(rows.map((row) => row.negative));
  writeIndexes(out, positive.indexes);
  writeIndexes(out, negative.indexes);
  writeColumn(
    out,
    Float64Array.from(rows, (row) => HINTS.indexOf(row.counterResetHint)),
  );
  writeColumn(
    out,
    Float64Array.from(rows, (row) => row.count),
  );
  writeColumn(
    out,
    Float64Array.from(rows, (row) => row.sum),
  );
  writeColumn(
    out,
    Float64Array.from(rows, (row) => row.zeroCount),
  );
  for (const each of positive.columns) writeColumn(out, each);
  for (const each of negative.columns) writeColumn(out, each);
}

/** The buckets that any row has, each as a column; "no sample" where a row does not have it. */
class SideColumns {
  readonly indexes: readonly number[];
  readonly columns: readonly Float64Array[];

  constructor(rows: readonly Buckets[]) {
    this.indexes = [...new Set(rows.flatMap(({ indexes }) => indexes))].sort((a, b) => a - b);
    this.columns = this.indexes.map(() => {
      const values = new Float64Array(rows.length);
      for (let row = 0; row < rows.length; row++) writeNoSample(values, row);
      return values;
    });
    const slots = new Map(this.indexes.map((index, slot) => [index, slot]));
    rows.forEach(({ indexes, counts }, row) => {
      indexes.forEach((index, at) => {
        const values = this.columns[slots.get(index) ?? -1];
        if (values !== undefined) values[row] = counts[at] ?? 0;
      });
    });
  }
}

function writeColumn(out: ByteWriter, values: Float64Array): void {
  column.reset();
  encodeColumn(column, values, values.length);
  out.varint(column.length);
  out.bytes(column.written());
}

class DetailReader {
  readonly cursor = new Cursor();
  readonly #source: PaddedBytes;

  constructor(source: PaddedBytes, start: number) {
    this.#source = source;
    this.cursor.start(source.bytes, start);
  }

  column(count: number): Float64Array {
    const length = this.cursor.varint();
    const values = new Float64Array(count);
    decodeColumn(this.#source, this.cursor.at, this.cursor.at + length, count, values, 0);
    this.cursor.at += length;
    return values;
  }

  run(rows: number, into: (FloatHistogram | undefined)[]): void {
    const schema = zigzagDecode(this.cursor.varint());
    const zeroThreshold = this.#f64();
    const customValues = Array.from({ length: this.cursor.varint() }, () => this.#f64());
    const positive = readIndexes(this.cursor);
    const negative = readIndexes(this.cursor);
    const scalars = Array.from({ length: SCALARS }, () => this.column(rows));
    const positiveColumns = positive.map(() => this.column(rows));
    const negativeColumns = negative.map(() => this.column(rows));
    for (let row = 0; row < rows; row++) {
      const [hint = 0, count = 0, sum = 0, zeroCount = 0] = scalars.map((values) => values[row] ?? 0);
      into.push(
        new FloatHistogram({
          schema,
          zeroThreshold,
          zeroCount,
          count,
          sum,
          positive: bucketsAt(row, positive, positiveColumns),
          negative: bucketsAt(row, negative, negativeColumns),
          customValues,
          counterResetHint: HINTS[hint] ?? 'unknown',
        }),
      );
    }
  }

  #f64(): number {
    const value = this.#source.view.getFloat64(this.cursor.at, true);
    this.cursor.at += 8;
    return value;
  }
}

function bucketsAt(row: number, all: readonly number[], columns: readonly Float64Array[]): Buckets {
  if (all.length === 0) return NO_BUCKETS;
  const counts = Float64Array.from(columns, (values) => values[row] ?? 0);
  // Most rows have every bucket and share the list of them.
  if (!counts.some(isNoSample)) return { indexes: all, counts };
  const kept = all.flatMap((index, slot) => (isNoSample(counts[slot] ?? 0) ? [] : [[index, slot] as const]));
  return {
    indexes: kept.map(([index]) => index),
    counts: Float64Array.from(kept, ([, slot]) => counts[slot] ?? 0),
  };
}
