/** One bucket of a classic histogram: how many observations are at or below its bound. */
export interface ClassicBucket {
  readonly upperBound: number;
  count: number;
}

/** How far buckets had to be corrected to be monotonic. */
export interface MonotonicityFix {
  readonly minBucket: number;
  readonly maxBucket: number;
  readonly maxDifference: number;
}

/** Differences up to this share come from rounding and are no lack of monotonicity. */
const SMALL_DIFFERENCE = 1e-12;

/** The q-quantile of a classic histogram, interpolated in the bucket it falls into. Reorders and corrects the buckets. */
export function classicQuantile(
  q: number,
  given: ClassicBucket[],
): { value: number; fix: MonotonicityFix | undefined } {
  if (Number.isNaN(q)) return { value: Number.NaN, fix: undefined };
  if (q < 0) return { value: -Infinity, fix: undefined };
  if (q > 1) return { value: Infinity, fix: undefined };
  const buckets = coalesce(given);
  if (buckets.at(-1)?.upperBound !== Infinity) return { value: Number.NaN, fix: undefined };
  const fix = makeMonotonic(buckets);
  return { value: quantileOf(q, buckets), fix };
}

function quantileOf(q: number, buckets: readonly ClassicBucket[]): number {
  const observations = buckets.at(-1)?.count ?? 0;
  if (buckets.length < 2 || observations === 0) return Number.NaN;
  const rank = q * observations;
  const found = buckets.slice(0, -1).findIndex(({ count }) => count >= rank);
  const bucket = buckets[found];
  // In the open bucket the best that is known is its lower bound.
  if (!bucket) return buckets.at(-2)?.upperBound ?? Number.NaN;
  if (found === 0 && bucket.upperBound <= 0) return bucket.upperBound;
  const before = buckets[found - 1] ?? { upperBound: 0, count: 0 };
  const share = (rank - before.count) / (bucket.count - before.count);
  return before.upperBound + (bucket.upperBound - before.upperBound) * share;
}

/** Buckets by bound; those with the same bound are joined. */
function coalesce(given: ClassicBucket[]): ClassicBucket[] {
  given.sort((a, b) => (a.upperBound < b.upperBound ? -1 : a.upperBound > b.upperBound ? 1 : 0));
  const joined: ClassicBucket[] = [];
  for (const bucket of given) {
    const last = joined.at(-1);
    if (last && last.upperBound === bucket.upperBound) last.count += bucket.count;
    else joined.push({ ...bucket });
  }
  return joined;
}

function makeMonotonic(buckets: readonly ClassicBucket[]): MonotonicityFix | undefined {
  let fix: MonotonicityFix | undefined;
  let previous = buckets[0]?.count ?? 0;
  for (const bucket of buckets.slice(1)) {
    const { count, upperBound } = bucket;
    if (count === previous) continue;
    if (almostEqual(previous, count)) {
      bucket.count = previous;
    } else if (count < previous) {
      fix = {
        minBucket: Math.min(fix?.minBucket ?? Infinity, upperBound),
        maxBucket: Math.max(fix?.maxBucket ?? -Infinity, upperBound),
        maxDifference: Math.max(fix?.maxDifference ?? 0, previous - count),
      };
      bucket.count = previous;
    } else previous = count;
  }
  return fix;
}

/** The smallest normal double, below which relative differences mean nothing. */
const MIN_NORMAL = 2.2250738585072014e-308;

function almostEqual(a: number, b: number): boolean {
  if (Number.isNaN(a) && Number.isNaN(b)) return true;
  const sum = Math.abs(a) + Math.abs(b);
  const difference = Math.abs(a - b);
  if (a === 0 || b === 0 || sum < MIN_NORMAL) return difference < SMALL_DIFFERENCE * MIN_NORMAL;
  return difference / Math.min(sum, Number.MAX_VALUE) < SMALL_DIFFERENCE;
}

/** The share of a classic histogram's observations between two values. Reorders the buckets. */
export function classicFraction(lower: number, upper: number, given: ClassicBucket[]): number {
  const buckets = coalesce(given);
  const last = buckets.at(-1);
  if (last?.upperBound !== Infinity) return Number.NaN;
  const { count } = last;
  if (count === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return Number.NaN;
  if (lower >= upper) return 0;
  const rank = (bound: number) => Math.min(count, rankOf(bound, buckets) ?? count);
  return (rank(upper) - rank(lower)) / count;
}

function rankOf(bound: number, buckets: readonly ClassicBucket[]): number | undefined {
  let rank = 0;
  let lower = (buckets[0]?.upperBound ?? 0) <= 0 ? -Infinity : 0;
  for (const { upperBound, count } of buckets) {
    if (lower >= bound) return rank;
    if (upperBound > bound) {
      if (lower === -Infinity) return count;
      return rank + ((count - rank) * (bound - lower)) / (upperBound - lower);
    }
    rank = count;
    lower = upperBound;
  }
  return undefined;
}
