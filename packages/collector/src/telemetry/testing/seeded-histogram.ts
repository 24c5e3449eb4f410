import { type Buckets, FloatHistogram } from '@plimsoll/promql';

/** A histogram that depends on the seed alone: of any kind of buckets, with whole counts or others. */
export function seededHistogram(seed: number): FloatHistogram {
  const unit = seed % 5 === 0 ? 0.37 : 1;
  const side = (from: number, length: number): Buckets => ({
    indexes: Array.from({ length }, (_, i) => from + i * (1 + (seed % 3))),
    counts: Float64Array.from({ length }, (_, i) => ((seed * (i + 3)) % 17) * unit),
  });
  const custom = seed % 4 === 3;
  const positive = side(custom ? 0 : (seed % 11) - 5, custom ? 3 : seed % 9);
  const negative = custom ? side(0, 0) : side(-3, seed % 3);
  const zeroCount = custom ? 0 : seed % 6;
  const counts = [...positive.counts, ...negative.counts];
  return new FloatHistogram({
    schema: custom ? -53 : (seed % 9) - 2,
    zeroThreshold: custom ? 0 : 2 ** -128,
    zeroCount,
    count: counts.reduce((sum, each) => sum + each, zeroCount),
    sum: seed / 3,
    positive,
    negative,
    customValues: custom ? Array.from({ length: 10 }, (_, i) => i * 2.5) : [],
    counterResetHint: seed % 7 === 0 ? 'gauge' : 'unknown',
  });
}

/** All that is stored of a histogram, for comparing; what is known of resets depends on the neighbours. */
export function histogramText(histogram: FloatHistogram): string {
  const { schema, zeroThreshold, zeroCount, count, sum, positive, negative, customValues } = histogram;
  const gauge = histogram.counterResetHint === 'gauge';
  const sides = [positive, negative].map(({ indexes, counts }) => [indexes, [...counts]]);
  return JSON.stringify([schema, zeroThreshold, zeroCount, count, sum, sides, customValues, gauge]);
}
