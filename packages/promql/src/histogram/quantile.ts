import { fractionBelow } from './bucket-fraction.ts';
import type { Bucket, FloatHistogram } from './float-histogram.ts';

/** A result and what has to be said about it. */
export interface Estimate {
  readonly value: number;
  /** The histogram has NaN observations, and the result is NaN, too high, or without them for that reason. */
  readonly nan?: 'result' | 'skew' | 'excluded';
}

/** The q-quantile of a native histogram's observations. */
export function histogramQuantile(q: number, histogram: FloatHistogram): Estimate {
  if (q < 0) return { value: -Infinity };
  if (q > 1) return { value: Infinity };
  if (histogram.count === 0 || Number.isNaN(q)) return { value: Number.NaN };
  // From the end that is nearer; NaN observations are in no bucket and sort last, so with them from below.
  return quantileFrom(q, histogram, Number.isNaN(histogram.sum) || q < 0.5);
}

function quantileFrom(q: number, histogram: FloatHistogram, upwards: boolean): Estimate {
  const hasNan = Number.isNaN(histogram.sum);
  const buckets = [...histogram.allBuckets()];
  const rank = (upwards ? q : 1 - q) * histogram.count;
  const { found, count: passed } = bucketAtRank(upwards ? buckets : buckets.toReversed(), rank);
  if (!found) return hasNan ? { value: Number.NaN, nan: 'result' } : { value: 0 };
  const bucket = clipBucket(found, histogram);
  if (typeof bucket === 'number') return { value: bucket };
  const count = Math.min(passed, histogram.count);
  if (count < rank) return hasNan ? { value: Number.NaN, nan: 'result' } : { value: bucket.upper };
  const fraction = (upwards ? rank - (count - bucket.count) : count - rank) / bucket.count;
  const value = interpolateInside(bucket, fraction, histogram.usesCustomBuckets);
  if (!hasNan) return { value };
  const observed = buckets.reduce((total, each) => total + each.count, 0);
  return observed < histogram.count ? { value, nan: 'skew' } : { value };
}

/**
 * The first populated bucket at which a rank is reached, and the count up to it; the last bucket of all, populated or
 * not, where none is, as can be with negative counts.
 */
function bucketAtRank(
  buckets: readonly Bucket[],
  rank: number,
): { found: Bucket | undefined; count: number } {
  let count = 0;
  for (const bucket of buckets) {
    if (bucket.count === 0) continue;
    count += bucket.count;
    if (count >= rank) return { found: bucket, count };
  }
  return { found: buckets.at(-1), count };
}

/** A bucket with the bounds its observations can have, or its only possible value. */
function clipBucket(bucket: Bucket, histogram: FloatHistogram): Bucket | number {
  const { lower, upper } = bucket;
  if (histogram.usesCustomBuckets) {
    if (lower === -Infinity) return upper <= 0 ? upper : { ...bucket, lower: 0 };
    return upper === Infinity ? lower : bucket;
  }
  return lower < 0 && upper > 0 ? clipZeroBucket(bucket, histogram) : bucket;
}

/** Where all other observations lie on one side of zero, those in the zero bucket are taken to do so too. */
function clipZeroBucket(bucket: Bucket, { positive, negative }: FloatHistogram): Bucket {
  const hasPositive = positive.counts.length > 0;
  const hasNegative = negative.counts.length > 0;
  if (hasPositive && !hasNegative) return { ...bucket, lower: 0 };
  return hasNegative && !hasPositive ? { ...bucket, upper: 0 } : bucket;
}

function interpolateInside({ lower, upper }: Bucket, fraction: number, custom: boolean): number {
  if (custom || (lower <= 0 && upper >= 0)) return lower + (upper - lower) * fraction;
  const logLower = Math.log2(Math.abs(lower));
  const logUpper = Math.log2(Math.abs(upper));
  if (lower > 0) return 2 ** (logLower + (logUpper - logLower) * fraction);
  return -(2 ** (logUpper + (logLower - logUpper) * (1 - fraction)));
}

/** The share of a native histogram's observations between two values. */
export function histogramFraction(lower: number, upper: number, histogram: FloatHistogram): Estimate {
  if (histogram.count === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return { value: Number.NaN };
  if (lower >= upper) return { value: 0 };
  const buckets = [...histogram.allBuckets()];
  const observed = buckets.reduce((total, { count }) => total + count, 0);
  const hasNan = Number.isNaN(histogram.sum);
  const count = hasNan ? observed : histogram.count;
  const rank = (bound: number) => Math.min(count, rankOf(bound, buckets, histogram) ?? count);
  const value = (rank(upper) - rank(lower)) / histogram.count;
  return hasNan && observed < histogram.count ? { value, nan: 'excluded' } : { value };
}

/** How many observations lie at or below a bound; undefined where it is above all buckets. */
function rankOf(bound: number, buckets: readonly Bucket[], histogram: FloatHistogram): number | undefined {
  let rank = 0;
  for (const each of buckets) {
    const bucket = fractionBucket(each, histogram);
    if (bucket.lower >= bound) return rank;
    if (bucket.upper > bound) {
      if (bucket.lower === -Infinity) return bucket.count;
      const linear = histogram.usesCustomBuckets || (bucket.lower <= 0 && bucket.upper >= 0);
      return rank + bucket.count * fractionBelow(bucket, bound, linear);
    }
    rank += bucket.count;
  }
  return undefined;
}

function fractionBucket(bucket: Bucket, histogram: FloatHistogram): Bucket {
  const { lower, upper } = bucket;
  if (histogram.usesCustomBuckets) return lower === -Infinity && upper > 0 ? { ...bucket, lower: 0 } : bucket;
  return lower <= 0 && upper >= 0 ? clipZeroBucket(bucket, histogram) : bucket;
}

/** The variance of a native histogram's observations, each taken to lie in the middle of its bucket. */
export function histogramVariance(histogram: FloatHistogram): number {
  const mean = histogram.sum / histogram.count;
  let total = 0;
  for (const { lower, upper, count } of histogram.allBuckets()) {
    if (count === 0) continue;
    const middle = middleOf(lower, upper, histogram.usesCustomBuckets);
    total += count * (middle - mean) ** 2;
  }
  return total / histogram.count;
}

function middleOf(lower: number, upper: number, custom: boolean): number {
  if (custom) return (upper + lower) / 2;
  if (lower <= 0 && upper >= 0) return 0;
  const middle = Math.sqrt(upper * lower);
  return upper < 0 ? -middle : middle;
}
