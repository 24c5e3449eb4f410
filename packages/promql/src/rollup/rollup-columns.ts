/**
 * What is left of a series' samples from before `untilMs`, where they are no longer kept: a row for each bucket of time
 * that had any. A bucket has the samples in (end - resolution, end]; where samples were stored in parts, a bucket can
 * come in parts, one row after the other with the same end. Times are milliseconds, values are NaN only where all of a
 * bucket's samples were.
 */
export interface RollupColumns {
  readonly resolutionMs: number;
  /** A multiple of the resolution: earlier samples are in the buckets, these and later ones in the series itself. */
  readonly untilMs: number;
  /** Ends of the buckets, ascending. */
  readonly ends: Float64Array;
  /** How many samples a bucket has, at least one; stale markers do not count. */
  readonly counts: Float64Array;
  readonly sums: Float64Array;
  readonly mins: Float64Array;
  readonly maxes: Float64Array;
  readonly firsts: Float64Array;
  readonly firstTimes: Float64Array;
  readonly lasts: Float64Array;
  readonly lastTimes: Float64Array;
  /** How often a sample was less than the one before it in the same row, and the sum of those before. */
  readonly resets: Float64Array;
  readonly dropped: Float64Array;
  /** Times of the stale markers behind the last sample of a bucket, ascending. */
  readonly staleTimes: Float64Array;
  /** Read where the request's function needs them. */
  readonly sketches?: RollupSketches;
}

/** Each bucket's samples counted by sketch key: those of bucket i lie in [ends[i - 1], ends[i]), keys ascending. */
export interface RollupSketches {
  readonly ends: Int32Array;
  readonly keys: Int32Array;
  readonly counts: Float64Array;
}

/** The functions whose request brings sketches. */
export const SKETCH_FUNCTIONS: ReadonlySet<string> = new Set(['quantile_over_time']);
