/** What is kept of the samples of a bucket of time, by row; see `RollupColumns` for what the columns say. */
export const BUCKET_FIELDS = [
  'ends',
  'counts',
  'sums',
  'mins',
  'maxes',
  'firsts',
  'firstTimes',
  'lasts',
  'lastTimes',
  'resets',
  'dropped',
  'staleTimes',
] as const;

export type BucketField = (typeof BUCKET_FIELDS)[number];

/**
 * Rows of buckets of one series, ascending. The samples of a row lie in (end - resolution, end] and in one part of what
 * was stored. A row of nothing but a stale marker has the count 0; `staleTimes` is 0 where none ends the row. Used
 * again for the next series: columns are longer than `length`.
 */
export class Buckets implements Record<BucketField, Float64Array> {
  length = 0;
  readonly ends: Float64Array;
  readonly counts: Float64Array;
  readonly sums: Float64Array;
  readonly mins: Float64Array;
  readonly maxes: Float64Array;
  readonly firsts: Float64Array;
  readonly firstTimes: Float64Array;
  readonly lasts: Float64Array;
  readonly lastTimes: Float64Array;
  readonly resets: Float64Array;
  readonly dropped: Float64Array;
  readonly staleTimes: Float64Array;
  /** The sketches' bins: those of row i lie in [binEnds[i - 1], binEnds[i]). */
  readonly binEnds: Int32Array;
  keys: number[] = [];
  binCounts: number[] = [];

  constructor(capacity: number) {
    const column = (): Float64Array => new Float64Array(capacity);
    this.ends = column();
    this.counts = column();
    this.sums = column();
    this.mins = column();
    this.maxes = column();
    this.firsts = column();
    this.firstTimes = column();
    this.lasts = column();
    this.lastTimes = column();
    this.resets = column();
    this.dropped = column();
    this.staleTimes = column();
    this.binEnds = new Int32Array(capacity);
  }

  clear(): void {
    this.length = 0;
    this.keys.length = 0;
    this.binCounts.length = 0;
  }

  /** Begins a row without samples. */
  add(end: number): number {
    const row = this.length++;
    for (const field of BUCKET_FIELDS) this[field][row] = 0;
    this.mins[row] = Number.NaN;
    this.maxes[row] = Number.NaN;
    this.ends[row] = end;
    this.binEnds[row] = this.keys.length;
    return row;
  }

  addBin(key: number, count: number): void {
    this.keys.push(key);
    this.binCounts.push(count);
    this.binEnds[this.length - 1] = this.keys.length;
  }
}
