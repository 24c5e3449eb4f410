import { sketchKey } from '@plimsoll/promql';
import { ByteWriter } from '../byte-writer.ts';
import { decodeColumn, encodeColumn } from '../chunk/column-codec.ts';
import { Cursor, PADDING_BYTES, padded } from '../chunk/padded-bytes.ts';
import type { BucketField, Buckets } from './buckets.ts';
import { decodeSketches, encodeSketches } from './sketch-codec.ts';

/** Columns that are left out, because others say it: see docs/format/rollups.md. */
const MINS_ARE_FIRSTS = 1;
const MAXES_ARE_LASTS = 2;
const SUMS_ARE_OF_FIRSTS = 4;
const NO_RESETS = 8;
const NO_STALE = 16;
/** Each row's samples lie in one bin, that of its least. */
const ONE_BIN = 32;

const PADDING = new Uint8Array(PADDING_BYTES);
const column = new ByteWriter();
let numbers = new Float64Array(512);
const cursor = new Cursor();

/** Encodes the buckets of one series and day. */
export function encodeBuckets(
  out: ByteWriter,
  buckets: Buckets,
  dayStartMs: number,
  resolutionMs: number,
): void {
  const { length, ends } = buckets;
  const flags = flagsOf(buckets);
  out.varint(length);
  out.varint(flags);
  const before = (times: Float64Array): void => write(out, length, (i) => (ends[i] ?? 0) - (times[i] ?? 0));
  const plain = (values: Float64Array): void => write(out, length, (i) => values[i] ?? 0);
  write(out, length, (i) => ((ends[i] ?? 0) - dayStartMs) / resolutionMs);
  plain(buckets.counts);
  before(buckets.firstTimes);
  before(buckets.lastTimes);
  plain(buckets.lasts);
  if ((flags & NO_STALE) === 0) plain(staleBeforeEnds(buckets));
  plain(buckets.firsts);
  if ((flags & MINS_ARE_FIRSTS) === 0) plain(buckets.mins);
  if ((flags & MAXES_ARE_LASTS) === 0) plain(buckets.maxes);
  if ((flags & SUMS_ARE_OF_FIRSTS) === 0) plain(buckets.sums);
  if ((flags & NO_RESETS) === 0) {
    plain(buckets.resets);
    plain(buckets.dropped);
  }
  if ((flags & ONE_BIN) === 0) encodeSketches(out, buckets);
  out.bytes(PADDING);
}

function flagsOf(buckets: Buckets): number {
  const { length, firsts, lasts, mins, maxes, counts, sums, resets, staleTimes, keys, binEnds } = buckets;
  let flags = MINS_ARE_FIRSTS | MAXES_ARE_LASTS | SUMS_ARE_OF_FIRSTS | NO_RESETS | NO_STALE | ONE_BIN;
  for (let i = 0; i < length; i++) {
    if (!Object.is(mins[i], firsts[i])) flags &= ~MINS_ARE_FIRSTS;
    if (!Object.is(maxes[i], lasts[i])) flags &= ~MAXES_ARE_LASTS;
    if (!Object.is(sums[i], (counts[i] ?? 0) * (firsts[i] ?? 0))) flags &= ~SUMS_ARE_OF_FIRSTS;
    if (resets[i] !== 0) flags &= ~NO_RESETS;
    if (staleTimes[i] !== 0) flags &= ~NO_STALE;
    const bin = binEnds[i - 1] ?? 0;
    if ((binEnds[i] ?? 0) - bin !== 1 || keys[bin] !== sketchKey(mins[i] ?? 0)) flags &= ~ONE_BIN;
  }
  return flags;
}

/** How long before its end a row's stale marker is; -1 for none. */
function staleBeforeEnds({ length, ends, staleTimes }: Buckets): Float64Array {
  return Float64Array.from({ length }, (_, i) =>
    staleTimes[i] === 0 ? -1 : (ends[i] ?? 0) - (staleTimes[i] ?? 0),
  );
}

/** A column with its length in bytes before it. */
function write(out: ByteWriter, count: number, at: (index: number) => number): void {
  if (numbers.length < count) numbers = new Float64Array(count * 2);
  for (let i = 0; i < count; i++) numbers[i] = at(i);
  column.reset();
  if (count > 0) encodeColumn(column, numbers, count);
  out.varint(column.length);
  out.bytes(column.written());
}

/** How much is decoded: what instant selectors look at, all but the sketches, or everything. */
export type BucketDetail = 'lasts' | 'values' | 'sketches';

/** Decodes what `encodeBuckets` wrote into `out`. */
export function decodeBuckets(
  bytes: Uint8Array,
  dayStartMs: number,
  resolutionMs: number,
  detail: BucketDetail,
  out: Buckets,
): void {
  const reader = new ColumnReader(bytes, out);
  const { length, ends } = out;
  const flags = reader.flags;
  const afterwards = (field: BucketField): void => {
    reader.read(field);
    for (let i = 0; i < length; i++) out[field][i] = (ends[i] ?? 0) - (out[field][i] ?? 0);
  };
  reader.read('ends');
  for (let i = 0; i < length; i++) ends[i] = dayStartMs + (ends[i] ?? 0) * resolutionMs;
  reader.read('counts');
  afterwards('firstTimes');
  afterwards('lastTimes');
  reader.read('lasts');
  if ((flags & NO_STALE) === 0) readStale(reader, out);
  else out.staleTimes.fill(0, 0, length);
  if (detail === 'lasts') return;
  reader.read('firsts');
  reader.readUnless(flags & MINS_ARE_FIRSTS, 'mins', 'firsts');
  reader.readUnless(flags & MAXES_ARE_LASTS, 'maxes', 'lasts');
  reader.readUnless(flags & SUMS_ARE_OF_FIRSTS, 'sums', 'firsts');
  if ((flags & SUMS_ARE_OF_FIRSTS) !== 0) {
    for (let i = 0; i < length; i++) out.sums[i] = (out.counts[i] ?? 0) * (out.firsts[i] ?? 0);
  }
  if ((flags & NO_RESETS) === 0) {
    reader.read('resets');
    reader.read('dropped');
  } else {
    out.resets.fill(0, 0, length);
    out.dropped.fill(0, 0, length);
  }
  if (detail === 'sketches') readBins(reader, flags, out);
}

function readStale(reader: ColumnReader, out: Buckets): void {
  reader.read('staleTimes');
  for (let i = 0; i < out.length; i++) {
    const before = out.staleTimes[i] ?? -1;
    out.staleTimes[i] = before < 0 ? 0 : (out.ends[i] ?? 0) - before;
  }
}

function readBins(reader: ColumnReader, flags: number, out: Buckets): void {
  if ((flags & ONE_BIN) === 0) {
    reader.readSketches();
    return;
  }
  out.keys.length = 0;
  out.binCounts.length = 0;
  for (let row = 0; row < out.length; row++) {
    out.keys.push(sketchKey(out.mins[row] ?? 0));
    out.binCounts.push(out.counts[row] ?? 0);
    out.binEnds[row] = row + 1;
  }
}

class ColumnReader {
  readonly flags: number;
  readonly #bytes: Uint8Array;
  readonly #out: Buckets;
  #at: number;

  constructor(bytes: Uint8Array, out: Buckets) {
    this.#bytes = bytes;
    this.#out = out;
    cursor.start(bytes, 0);
    out.length = cursor.varint();
    this.flags = cursor.varint();
    this.#at = cursor.at;
  }

  read(field: BucketField): void {
    this.#column(this.#out.length, this.#out[field]);
  }

  /** Reads a column, or takes another's values for it. */
  readUnless(flag: number, field: BucketField, instead: BucketField): void {
    if (flag === 0) this.read(field);
    else this.#out[field].set(this.#out[instead].subarray(0, this.#out.length));
  }

  readSketches(): void {
    decodeSketches(this.#bytes, this.#at, this.#out);
  }

  #column(count: number, out: Float64Array): void {
    cursor.start(this.#bytes, this.#at);
    const length = cursor.varint();
    const start = cursor.at;
    this.#at = start + length;
    if (count > 0) decodeColumn(padded(this.#bytes), start, this.#at, count, out, 0);
  }
}
