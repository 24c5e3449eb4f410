import { exponentialBound } from './bucket-bounds.ts';
import { coarsen } from './combine.ts';
import type { Buckets, FloatHistogram } from './float-histogram.ts';
import { widenedZero } from './zero-bucket.ts';

/**
 * Whether a counter histogram was reset since the previous one: any count is smaller, a populated bucket is missing,
 * or its layout changed in a way only a restart can. An explicit hint decides without looking.
 */
export function detectReset(current: FloatHistogram, previous: FloatHistogram): boolean {
  if (current.counterResetHint === 'reset') return true;
  if (current.counterResetHint === 'not_reset') return false;
  if (current.count < previous.count) return true;
  if (current.usesCustomBuckets) {
    return previous.usesCustomBuckets ? customReset(current, previous) : true;
  }
  if (current.schema > previous.schema || current.zeroThreshold < previous.zeroThreshold) return true;
  // From custom buckets back to exponential ones there is no comparison: the schema number decided above.
  const zero = widenedZero(previous, current.zeroThreshold);
  if (zero.threshold !== current.zeroThreshold || current.zeroCount < zero.count) return true;
  const outside = (side: Buckets, schema: number) => beyondZero(side, schema, current);
  return (
    sideReset(outside(current.positive, current.schema), outside(previous.positive, previous.schema)) ||
    sideReset(outside(current.negative, current.schema), outside(previous.negative, previous.schema))
  );
}

function beyondZero(
  side: Buckets,
  schema: number,
  { schema: target, zeroThreshold }: FloatHistogram,
): Buckets {
  const merged = coarsen(side, schema, target);
  if (zeroThreshold === 0) return merged;
  const first = merged.indexes.findIndex((index) => exponentialBound(index, target) > zeroThreshold);
  const from = first === -1 ? merged.indexes.length : first;
  return { indexes: merged.indexes.slice(from), counts: merged.counts.subarray(from) };
}

function sideReset(current: Buckets, previous: Buckets): boolean {
  let at = 0;
  for (const [i, index] of previous.indexes.entries()) {
    while (at < current.indexes.length && (current.indexes[at] ?? 0) < index) at++;
    const before = previous.counts[i] ?? 0;
    const now = current.indexes[at] === index ? (current.counts[at] ?? 0) : undefined;
    if (now === undefined ? before !== 0 : now < before) return true;
  }
  return false;
}

/** Compares custom buckets between the bounds both have. */
function customReset(current: FloatHistogram, previous: FloatHistogram): boolean {
  const same =
    current.customValues.length === previous.customValues.length &&
    current.customValues.every((bound, i) => bound === previous.customValues[i]);
  if (same) return sideReset(current.positive, previous.positive);
  const shared = new Set(previous.customValues);
  const bounds = [...current.customValues.filter((bound) => shared.has(bound)), Infinity];
  const now = rollUp(current, bounds);
  const before = rollUp(previous, bounds);
  return now.some((count, at) => count < (before[at] ?? 0));
}

function rollUp(histogram: FloatHistogram, bounds: readonly number[]): number[] {
  const totals = bounds.map(() => 0);
  for (const { upper, count } of histogram.positiveBuckets()) {
    const at = bounds.findIndex((bound) => upper <= bound);
    totals[at] = (totals[at] ?? 0) + count;
  }
  return totals;
}
