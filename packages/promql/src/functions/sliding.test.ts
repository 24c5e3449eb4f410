import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Windows } from '../evaluate/windows.ts';
import { quantileInPlace } from './quantile.ts';
import { slidingExtremes, SlidingSum } from './sliding.ts';

/** Values and windows whose bounds never go back. */
const slides = fc
  .array(
    fc.oneof(
      fc.integer({ min: -5, max: 5 }),
      fc.double({ noDefaultInfinity: true }),
      fc.constant(Number.NaN),
    ),
    {
      minLength: 1,
      maxLength: 40,
    },
  )
  .chain((values) =>
    fc
      .array(fc.tuple(fc.nat(values.length), fc.nat(values.length)), { maxLength: 20 })
      .map((bounds) => ({ values: Float64Array.from(values), windows: toWindows(bounds) })),
  );

function toWindows(bounds: readonly (readonly [number, number])[]): Windows {
  const from = Int32Array.from(bounds, ([a, b]) => Math.min(a, b)).sort();
  const to = Int32Array.from(bounds, ([a, b]) => Math.max(a, b)).sort();
  return { from, to, total: 0 };
}

function extreme(values: Float64Array, sign: number): number {
  return values.reduce(
    (best, value) => (value * sign > best * sign || Number.isNaN(best) ? value : best),
    Number.NaN,
  );
}

describe('sliding windows', () => {
  it('give the extremes a look at each window would', () => {
    fc.assert(
      fc.property(slides, fc.constantFrom<1 | -1>(1, -1), ({ values, windows }, sign) => {
        const out = new Float64Array(windows.from.length);
        slidingExtremes(values, windows, sign, out);
        for (let step = 0; step < out.length; step++) {
          const window = values.subarray(windows.from[step], windows.to[step]);
          if (window.length > 0)
            expect(out[step] === extreme(window, sign) || Number.isNaN(out[step])).toBe(true);
          if (window.length > 0) expect(Number.isNaN(out[step])).toBe(Number.isNaN(extreme(window, sign)));
        }
      }),
    );
  });

  it('give exact sums of whole numbers', () => {
    const whole = slides.map(({ values, windows }) => ({
      values: values.map((v) => (v === v ? Math.trunc(v % 1e6) : 0)),
      windows,
    }));
    fc.assert(
      fc.property(whole, ({ values, windows }) => {
        const sliding = new SlidingSum(values);
        for (let step = 0; step < windows.from.length; step++) {
          const from = windows.from[step] ?? 0;
          const to = windows.to[step] ?? 0;
          if (from === to) continue;
          sliding.moveTo(from, to);
          expect(sliding.sum + sliding.rest).toBe(values.subarray(from, to).reduce((a, b) => a + b, 0));
        }
      }),
    );
  });

  it('lose nothing where a large value leaves the window', () => {
    const sliding = new SlidingSum(Float64Array.of(1e100, 1, 2, -1e100, 3));
    sliding.moveTo(0, 4);
    expect(sliding.sum + sliding.rest).toBe(3);
    sliding.moveTo(4, 5);
    expect(sliding.sum + sliding.rest).toBe(3);
  });
});

describe('quantileInPlace', () => {
  it('is what sorting gives', () => {
    const values = fc.array(
      fc.oneof(fc.integer({ min: -9, max: 9 }), fc.double({ noNaN: true, noDefaultInfinity: true })),
      { minLength: 1, maxLength: 80 },
    );
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (list, q) => {
        const sorted = Float64Array.from(list).sort();
        const rank = q * (list.length - 1);
        const low = sorted[Math.floor(rank)] ?? 0;
        const high = sorted[Math.min(list.length - 1, Math.floor(rank) + 1)] ?? 0;
        const weight = rank - Math.floor(rank);
        const expected = weight === 0 ? low : low * (1 - weight) + high * weight;
        expect(quantileInPlace(q, Float64Array.from(list))).toBe(expected);
      }),
    );
  });

  it('sorts NaN first and knows its limits', () => {
    expect(quantileInPlace(0, Float64Array.of(1, Number.NaN))).toBeNaN();
    expect(quantileInPlace(1, Float64Array.of(1, Number.NaN))).toBe(1);
    expect(quantileInPlace(2, Float64Array.of(1))).toBe(Infinity);
    expect(quantileInPlace(-1, Float64Array.of(1))).toBe(-Infinity);
    expect(quantileInPlace(0.5, new Float64Array(0))).toBeNaN();
  });
});
