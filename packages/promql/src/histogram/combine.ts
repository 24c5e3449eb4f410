import { coarserIndex, exponentialBound } from './bucket-bounds.ts';
import { type Buckets, type CounterResetHint, FloatHistogram } from './float-histogram.ts';
import { reconcileZeroBuckets } from './zero-bucket.ts';

/** What adding or subtracting gave. */
export interface Combined {
  readonly histogram: FloatHistogram;
  /** One said that the counter was reset, the other that it was not. */
  readonly hintsCollide: boolean;
  /** Custom buckets had different bounds; the result has those they share. */
  readonly boundsReconciled: boolean;
}

/** The sum of two histograms; undefined where one has exponential buckets and the other custom ones. */
export function addHistograms(a: FloatHistogram, b: FloatHistogram): Combined | undefined {
  return combine(a, b, 1);
}

/** The difference of two histograms; undefined where one has exponential buckets and the other custom ones. */
export function subtractHistograms(a: FloatHistogram, b: FloatHistogram): Combined | undefined {
  return combine(a, b, -1);
}

function combine(a: FloatHistogram, b: FloatHistogram, sign: 1 | -1): Combined | undefined {
  if (a.usesCustomBuckets !== b.usesCustomBuckets) return undefined;
  const { hint, hintsCollide } = combineHints(a.counterResetHint, b.counterResetHint);
  const totals = { count: a.count + sign * b.count, sum: a.sum + sign * b.sum, counterResetHint: hint };
  if (a.usesCustomBuckets) {
    const { left, right, bounds, reconciled } = alignCustom(a, b);
    const positive = mergeSides(left, right, sign, () => true);
    const histogram = a.with({ ...totals, positive, customValues: bounds });
    return { histogram, hintsCollide, boundsReconciled: reconciled };
  }
  const schema = Math.min(a.schema, b.schema);
  const zero = reconcileZeroBuckets(a, b);
  // What lies under the common zero threshold is in the zero count already.
  const outside = (index: number) => exponentialBound(index, schema) > zero.threshold;
  const side = (left: Buckets, right: Buckets) =>
    mergeSides(coarsen(left, a.schema, schema), coarsen(right, b.schema, schema), sign, outside);
  const histogram = a.with({
    ...totals,
    schema,
    zeroThreshold: zero.threshold,
    zeroCount: zero.leftCount + sign * zero.rightCount,
    positive: side(zero.left.positive, b.positive),
    negative: side(zero.left.negative, b.negative),
  });
  return { histogram, hintsCollide, boundsReconciled: false };
}

function combineHints(
  a: CounterResetHint,
  b: CounterResetHint,
): { hint: CounterResetHint; hintsCollide: boolean } {
  if (a === b) return { hint: a, hintsCollide: false };
  if (a === 'gauge' || b === 'gauge') return { hint: 'gauge', hintsCollide: false };
  return { hint: 'unknown', hintsCollide: a !== 'unknown' && b !== 'unknown' };
}

/** Joins two sides; of the right one only buckets that `keep` accepts. */
function mergeSides(a: Buckets, b: Buckets, sign: 1 | -1, keep: (index: number) => boolean): Buckets {
  const indexes: number[] = [];
  const counts: number[] = [];
  let inB = 0;
  while (inB < b.indexes.length && !keep(b.indexes[inB] ?? 0)) inB++;
  let inA = 0;
  while (inA < a.indexes.length || inB < b.indexes.length) {
    const indexA = a.indexes[inA] ?? Infinity;
    const indexB = b.indexes[inB] ?? Infinity;
    let count = 0;
    if (indexA <= indexB) count += a.counts[inA++] ?? 0;
    if (indexB <= indexA) count += sign * (b.counts[inB++] ?? 0);
    indexes.push(Math.min(indexA, indexB));
    counts.push(count);
  }
  return { indexes, counts: Float64Array.from(counts) };
}

/** Buckets in a coarser schema. */
export function coarsen(side: Buckets, from: number, to: number): Buckets {
  if (from === to || side.indexes.length === 0) return side;
  return regroup(side, (index) => coarserIndex(index, from, to));
}

/** Joins buckets that are mapped to the same index; the mapping must not decrease. */
function regroup(side: Buckets, target: (index: number) => number): Buckets {
  const indexes: number[] = [];
  const counts: number[] = [];
  for (const [at, index] of side.indexes.entries()) {
    const to = target(index);
    const count = side.counts[at] ?? 0;
    if (indexes.at(-1) === to) counts[counts.length - 1] = (counts.at(-1) ?? 0) + count;
    else {
      indexes.push(to);
      counts.push(count);
    }
  }
  return { indexes, counts: Float64Array.from(counts) };
}

interface Aligned {
  readonly left: Buckets;
  readonly right: Buckets;
  readonly bounds: readonly number[];
  readonly reconciled: boolean;
}

/** Brings custom buckets to the bounds both histograms have. */
function alignCustom(a: FloatHistogram, b: FloatHistogram): Aligned {
  const same =
    a.customValues.length === b.customValues.length &&
    a.customValues.every((v, i) => v === b.customValues[i]);
  if (same) return { left: a.positive, right: b.positive, bounds: a.customValues, reconciled: false };
  const inB = new Set(b.customValues);
  const bounds = a.customValues.filter((bound) => inB.has(bound));
  const onto = (histogram: FloatHistogram) =>
    regroup(histogram.positive, (index) => {
      const bound = histogram.customValues[index] ?? Infinity;
      const at = bounds.findIndex((candidate) => candidate >= bound);
      return at === -1 ? bounds.length : at;
    });
  return {
    left: withoutEmptyBuckets(onto(a)),
    right: withoutEmptyBuckets(onto(b)),
    bounds,
    reconciled: true,
  };
}

function withoutEmptyBuckets({ indexes, counts }: Buckets): Buckets {
  return {
    indexes: indexes.filter((_, at) => counts[at] !== 0),
    counts: counts.filter((count) => count !== 0),
  };
}

/** A histogram in a coarser exponential schema. */
export function toSchema(histogram: FloatHistogram, schema: number): FloatHistogram {
  if (histogram.schema === schema) return histogram;
  return histogram.with({
    schema,
    positive: coarsen(histogram.positive, histogram.schema, schema),
    negative: coarsen(histogram.negative, histogram.schema, schema),
  });
}
