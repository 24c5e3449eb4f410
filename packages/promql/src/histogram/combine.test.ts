import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addHistograms, subtractHistograms } from './combine.ts';
import { detectReset } from './detect-reset.ts';
import { FloatHistogram } from './float-histogram.ts';
import { histogramFraction, histogramQuantile } from './quantile.ts';
import { trimHistogram } from './trim.ts';

const side = fc.uniqueArray(fc.integer({ min: -12, max: 12 }), { maxLength: 6 }).chain((indexes) =>
  fc.array(fc.nat(20), { minLength: indexes.length, maxLength: indexes.length }).map((counts) => ({
    indexes: indexes.toSorted((a, b) => a - b),
    counts: Float64Array.from(counts),
  })),
);

/** Exponential histograms whose count is that of their buckets. */
const histograms = fc
  .record({
    schema: fc.integer({ min: -2, max: 3 }),
    zeroCount: fc.nat(9),
    positive: side,
    negative: side,
    sum: fc.integer(),
  })
  .map((fields) => {
    const count = [...fields.positive.counts, ...fields.negative.counts].reduce(
      (a, b) => a + b,
      fields.zeroCount,
    );
    return new FloatHistogram({ ...fields, count, zeroThreshold: 1e-30 });
  });

function bucketTotal(histogram: FloatHistogram): number {
  return [...histogram.allBuckets()].reduce((total, { count }) => total + count, 0);
}

function custom(customValues: number[], counts: number[]): FloatHistogram {
  return new FloatHistogram({
    schema: -53,
    customValues,
    count: counts.reduce((a, b) => a + b, 0),
    positive: { indexes: counts.map((_, index) => index), counts: Float64Array.from(counts) },
  });
}

describe('adding histograms', () => {
  it('keeps every observation, whatever the schemas', () => {
    fc.assert(
      fc.property(histograms, histograms, (a, b) => {
        const sum = addHistograms(a, b)?.histogram;
        expect(sum?.schema).toBe(Math.min(a.schema, b.schema));
        expect(sum && bucketTotal(sum)).toBe(a.count + b.count);
      }),
    );
  });

  it('is undone by subtracting', () => {
    fc.assert(
      fc.property(histograms, (a) => {
        const twice = addHistograms(a, a)?.histogram;
        const once = twice && subtractHistograms(twice, a)?.histogram;
        expect(once?.compact().equals(a.compact())).toBe(true);
      }),
    );
  });

  it('brings custom buckets to the bounds both have', () => {
    const result = addHistograms(custom([1, 2, 5], [1, 1, 1, 1]), custom([2, 5, 9], [2, 2, 2, 2]));
    expect(result?.boundsReconciled).toBe(true);
    expect(result?.histogram.toString()).toBe('{count:12, sum:0, [-Inf,2]:4, (2,5]:3, (5,+Inf]:5}');
    expect(addHistograms(custom([1], [1]), new FloatHistogram({}))).toBeUndefined();
  });

  it('widens the zero bucket where it must', () => {
    const narrow = new FloatHistogram({
      zeroCount: 1,
      zeroThreshold: 0.1,
      count: 3,
      positive: { indexes: [0], counts: Float64Array.of(2) },
    });
    const wide = new FloatHistogram({ zeroCount: 5, zeroThreshold: 0.7, count: 5 });
    expect(addHistograms(narrow, wide)?.histogram.toString()).toBe('{count:8, sum:0, [-1,1]:8}');
  });
});

describe('detectReset', () => {
  it('sees no reset in a histogram that grows, and one where it shrinks', () => {
    fc.assert(
      fc.property(histograms, histograms, (a, b) => {
        const sum = addHistograms(a, b.with({ schema: a.schema }))?.histogram;
        if (!sum) return;
        expect(detectReset(sum, a)).toBe(false);
        expect(detectReset(a, sum)).toBe(sum.count > a.count);
      }),
    );
  });
});

describe('estimates', () => {
  it('grow with the quantile and lie between the buckets', () => {
    fc.assert(
      fc.property(histograms, fc.double({ min: 0, max: 1, noNaN: true }), (histogram, q) => {
        if (histogram.count === 0) return;
        const { value } = histogramQuantile(q, histogram);
        expect(value).toBeLessThanOrEqual(histogramQuantile(1, histogram).value);
        expect(value).toBeGreaterThanOrEqual(histogramQuantile(0, histogram).value);
      }),
    );
  });

  it('split at any bound into shares of one', () => {
    fc.assert(
      fc.property(histograms, fc.double({ min: -20, max: 20, noNaN: true }), (histogram, bound) => {
        if (histogram.count === 0) return;
        const below = histogramFraction(-Infinity, bound, histogram).value;
        const above = histogramFraction(bound, Infinity, histogram).value;
        expect(below + above).toBeCloseTo(1, 9);
        const kept =
          trimHistogram(histogram, bound, 'upper').count + trimHistogram(histogram, bound, 'lower').count;
        expect(kept).toBeCloseTo(histogram.count, 6);
      }),
    );
  });
});
