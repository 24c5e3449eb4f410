import type { Bucket } from './float-histogram.ts';

/**
 * The share of a bucket's observations at or below a value strictly inside it: interpolated linearly, or on a
 * logarithmic scale for exponential buckets.
 */
export function fractionBelow(
  { lower, upper }: Pick<Bucket, 'lower' | 'upper'>,
  value: number,
  linear: boolean,
): number {
  if (linear) return (value - lower) / (upper - lower);
  const logLower = Math.log2(Math.abs(lower));
  const logUpper = Math.log2(Math.abs(upper));
  const logValue = Math.log2(Math.abs(value));
  if (value > 0) return (logValue - logLower) / (logUpper - logLower);
  return 1 - (logValue - logUpper) / (logLower - logUpper);
}
