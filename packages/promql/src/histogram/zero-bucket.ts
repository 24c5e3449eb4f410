import type { Bucket, Buckets, FloatHistogram } from './float-histogram.ts';

/** Two histograms' zero buckets made equally wide. */
export interface CommonZeroBucket {
  readonly threshold: number;
  /** The left histogram without what its wider zero bucket swallowed. */
  readonly left: FloatHistogram;
  readonly leftCount: number;
  readonly rightCount: number;
}

/** Finds the narrowest zero bucket that contains both and cuts through no populated bucket of either. */
export function reconcileZeroBuckets(a: FloatHistogram, b: FloatHistogram): CommonZeroBucket {
  let left = { count: a.zeroCount, threshold: a.zeroThreshold };
  let right = { count: b.zeroCount, threshold: b.zeroThreshold };
  while (left.threshold !== right.threshold) {
    if (left.threshold > right.threshold) right = widenedZero(b, left.threshold);
    if (right.threshold > left.threshold) left = widenedZero(a, right.threshold);
  }
  const { threshold } = left;
  const trimmed = threshold === a.zeroThreshold ? a : withoutZeroBuckets(a, threshold);
  return { threshold, left: trimmed, leftCount: left.count, rightCount: right.count };
}

/**
 * The zero count under a larger threshold. Where that would cut through a populated bucket, the threshold grows to the
 * bucket's far end.
 */
export function widenedZero(
  histogram: FloatHistogram,
  threshold: number,
): { count: number; threshold: number } {
  if (threshold === histogram.zeroThreshold) return { count: histogram.zeroCount, threshold };
  let wide = threshold;
  for (;;) {
    const positive = swallow(histogram.positiveBuckets(), wide);
    const negative = swallow(mirrored(histogram), positive.threshold);
    if (negative.threshold === positive.threshold) {
      return { count: histogram.zeroCount + positive.count + negative.count, threshold: positive.threshold };
    }
    wide = negative.threshold;
  }
}

function* mirrored(histogram: FloatHistogram): Generator<Pick<Bucket, 'lower' | 'upper' | 'count'>> {
  for (const { lower, upper, count } of histogram.negativeBuckets())
    yield { lower: -upper, upper: -lower, count };
}

function swallow(
  buckets: Iterable<Pick<Bucket, 'lower' | 'upper' | 'count'>>,
  threshold: number,
): { count: number; threshold: number } {
  let count = 0;
  for (const bucket of buckets) {
    if (bucket.lower >= threshold) break;
    count += bucket.count;
    if (bucket.upper > threshold) return { count, threshold: bucket.count === 0 ? threshold : bucket.upper };
  }
  return { count, threshold };
}

/** Drops the buckets under a zero threshold, and with them all empty ones. */
function withoutZeroBuckets(histogram: FloatHistogram, threshold: number): FloatHistogram {
  const cut = (side: Buckets, buckets: Iterable<Pick<Bucket, 'lower' | 'upper' | 'count'>>): Buckets => {
    const lowers = Array.from(buckets, ({ lower }) => lower);
    const keep = (at: number) => (lowers[at] ?? 0) >= threshold && side.counts[at] !== 0;
    return {
      indexes: side.indexes.filter((_, at) => keep(at)),
      counts: side.counts.filter((_, at) => keep(at)),
    };
  };
  return histogram.with({
    positive: cut(histogram.positive, histogram.positiveBuckets()),
    negative: cut(histogram.negative, mirrored(histogram)),
  });
}
