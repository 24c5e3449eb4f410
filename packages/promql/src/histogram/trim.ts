import type { Bucket, Buckets, FloatHistogram } from './float-histogram.ts';
import { fractionBelow } from './bucket-fraction.ts';

/** Which observations a trim takes away: those above, or those below the bound. */
export type TrimSide = 'upper' | 'lower';

/** What is left of a bucket, and where its observations lie on average. */
interface Rest {
  readonly count: number;
  readonly midpoint: number;
}

/**
 * Takes away a histogram's observations on one side of a bound. A bucket that contains the bound is split by
 * interpolation; count and sum are estimated anew from what is left.
 */
export function trimHistogram(histogram: FloatHistogram, bound: number, side: TrimSide): FloatHistogram {
  const totals = { count: 0, sum: 0 };
  let trimmed = false;
  const trimSide = (buckets: Buckets, all: readonly Bucket[], positive: boolean): Buckets => {
    const counts = all.map((bucket) => {
      if (bucket.count === 0) return 0;
      const rest = trimBucket(bucket, bound, side, positive, histogram.usesCustomBuckets);
      totals.count += rest.count;
      totals.sum += rest.midpoint * rest.count;
      if (rest.count !== bucket.count) trimmed = true;
      return rest.count;
    });
    return { indexes: buckets.indexes, counts: Float64Array.from(counts) };
  };
  const positive = trimSide(histogram.positive, [...histogram.positiveBuckets()], true);
  const negative = trimSide(histogram.negative, [...histogram.negativeBuckets()], false);
  let { zeroCount } = histogram;
  if (zeroCount > 0) {
    const rest = trimZeroBucket(histogram, bound, side);
    if (rest.count !== zeroCount) trimmed = true;
    zeroCount = rest.count;
    totals.count += rest.count;
    totals.sum += rest.midpoint * rest.count;
  }
  return trimmed ? histogram.with({ ...totals, zeroCount, positive, negative }).compact() : histogram;
}

function trimBucket(bucket: Bucket, bound: number, side: TrimSide, positive: boolean, custom: boolean): Rest {
  const { lower, upper, count } = bucket;
  const keepsAll = side === 'upper' ? upper <= bound : lower >= bound;
  if (keepsAll) return { count, midpoint: midpointOf(lower, upper, positive, custom) };
  const split = side === 'upper' ? lower < bound : upper > bound;
  if (!split) return { count: 0, midpoint: 0 };
  if (lower === -Infinity || upper === Infinity) return trimOpenBucket(bucket, bound, side);
  const under = count * fractionBelow(bucket, bound, custom);
  if (side === 'upper') return { count: under, midpoint: midpointOf(lower, bound, positive, custom) };
  return { count: count - under, midpoint: midpointOf(bound, upper, positive, custom) };
}

/** Within a bucket without a bound on one side observations are taken to lie between zero and the other bound. */
function trimOpenBucket({ lower, upper, count }: Bucket, bound: number, side: TrimSide): Rest {
  if (lower === -Infinity) {
    if (side === 'upper') {
      if (bound > 0 && upper > 0 && upper !== Infinity)
        return { count: (count * bound) / upper, midpoint: bound / 2 };
      return upper <= 0 ? { count, midpoint: bound } : { count: 0, midpoint: zeroIfInfinite(upper) };
    }
    if (bound >= 0 && upper > bound && upper !== Infinity) {
      return { count: count * (1 - bound / upper), midpoint: (bound + upper) / 2 };
    }
    return { count: 0, midpoint: zeroIfInfinite(upper) };
  }
  if (side === 'lower' && bound >= lower) return { count, midpoint: bound };
  return { count: 0, midpoint: zeroIfInfinite(lower) };
}

function zeroIfInfinite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}

function isPopulated({ counts }: Buckets): boolean {
  return counts.some((count) => count !== 0);
}

function trimZeroBucket(histogram: FloatHistogram, bound: number, side: TrimSide): Rest {
  const { zeroBucket, zeroCount } = histogram;
  const hasPositive = isPopulated(histogram.positive);
  const hasNegative = isPopulated(histogram.negative);
  // Observations on one side only say that the zero bucket's lie on that side too.
  const upper = hasNegative && !hasPositive ? 0 : zeroBucket.upper;
  const lower = hasPositive && !hasNegative ? 0 : zeroBucket.lower;
  const all = { count: zeroCount, midpoint: (lower + upper) / 2 };
  const none = { count: 0, midpoint: 0 };
  if (bound <= lower) return side === 'upper' ? none : all;
  if (bound >= upper) return side === 'upper' ? all : none;
  const width = upper - lower;
  if (side === 'upper')
    return { count: (zeroCount * (bound - lower)) / width, midpoint: (lower + bound) / 2 };
  return { count: (zeroCount * (upper - bound)) / width, midpoint: (bound + upper) / 2 };
}

function midpointOf(lower: number, upper: number, positive: boolean, linear: boolean): number {
  const openBelow = !Number.isFinite(lower);
  const openAbove = !Number.isFinite(upper);
  if (openBelow && openAbove) return 0;
  if (openBelow) return upper > 0 ? upper / 2 : upper;
  if (openAbove) return lower;
  if (linear) return (lower + upper) / 2;
  const geometric = Math.sqrt(Math.abs(lower * upper));
  return positive ? geometric : -geometric;
}
