import { FloatHistogram } from '@plimsoll/promql';
import { expect, it } from 'vitest';
import { endOfWeight, weightOf } from './sample-columns.ts';

const large = new FloatHistogram({
  positive: { indexes: Array.from({ length: 160 }, (_, i) => i), counts: new Float64Array(160) },
});

it('counts numbers as they are, and histograms by the room they take', () => {
  expect(endOfWeight(undefined, 10, 100, 20)).toBe(30);
  expect(endOfWeight(undefined, 90, 100, 20)).toBe(100);
  expect(weightOf(large)).toBeGreaterThan(20);
  const mixed = [undefined, undefined, large, large];
  expect(endOfWeight(mixed, 0, 5, 5)).toBe(2);
  expect(endOfWeight(mixed, 0, 5, 5 + weightOf(large))).toBe(3);
  expect(endOfWeight(mixed, 0, 5, 1000)).toBe(5);
  // One sample at least, however large it is.
  expect(endOfWeight(mixed, 2, 5, 1)).toBe(3);
});
