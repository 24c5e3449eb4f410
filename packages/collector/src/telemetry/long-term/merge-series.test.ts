import { FloatHistogram, Labels } from '@plimsoll/promql';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { mergeSeries } from './merge-series.ts';

type Content = Record<string, Record<number, number>>;

const content: fc.Arbitrary<Content> = fc.dictionary(
  fc.constantFrom('a', 'b', 'c', 'd'),
  fc.dictionary(fc.nat(20).map(String), fc.nat(9), { minKeys: 1 }),
);

function toSeries(of: Content) {
  return Object.entries(of).map(([name, samples]) => {
    const times = Object.keys(samples)
      .map(Number)
      .toSorted((a, b) => a - b);
    return {
      labels: Labels.of({ __name__: name }),
      timestamps: Float64Array.from(times),
      values: Float64Array.from(times, (at) => samples[at] ?? 0),
    };
  });
}

it('has every time of either side once, and the newer value where both have it', () => {
  fc.assert(
    fc.property(content, content, (older, newer) => {
      const merged = mergeSeries(toSeries(older), toSeries(newer));
      const expected: Content = {};
      for (const name of new Set([...Object.keys(older), ...Object.keys(newer)])) {
        expected[name] = { ...older[name], ...newer[name] };
      }
      const found = Object.fromEntries(
        merged.map(({ labels, timestamps, values }) => {
          expect([...timestamps]).toEqual([...new Set(timestamps)].toSorted((a, b) => a - b));
          return [labels.name, Object.fromEntries(Array.from(timestamps, (at, i) => [at, values[i]]))];
        }),
      );
      expect(found).toEqual(expected);
    }),
  );
});

it('joins histograms and start timestamps with samples that have none', () => {
  const labels = Labels.of({ __name__: 'h' });
  const [one, two] = [new FloatHistogram({ count: 1 }), new FloatHistogram({ count: 2 })];
  const older = {
    labels,
    timestamps: Float64Array.of(1, 2),
    values: new Float64Array(2),
    histograms: [one, one],
    startTimestamps: Float64Array.of(9, 9),
  };
  const newer = {
    labels,
    timestamps: Float64Array.of(2, 3),
    values: Float64Array.of(0, 7),
    histograms: [two, undefined],
  };
  expect(mergeSeries([older], [newer])).toEqual([
    {
      labels,
      timestamps: Float64Array.of(1, 2, 3),
      values: Float64Array.of(0, 0, 7),
      histograms: [one, two.withHint('not_reset'), undefined],
      startTimestamps: Float64Array.of(9, 0, 0),
    },
  ]);
});
