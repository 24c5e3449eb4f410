import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Autoregression } from './autoregression.ts';
import { planRehearsal } from './plan-rehearsal.ts';
import { dailyMaximum } from './daily-maximum.ts';
import { fitDampedHolt } from './damped-holt.ts';
import { fillGaps } from './fill-gaps.ts';
import { median } from './median.ts';
import { normalCdf } from './normal.ts';
import { lagsOf, seasonsOf } from './seasons.ts';
import { solvePositiveDefinite } from './solve-positive-definite.ts';

const gap = Number.NaN;

test('daily maxima count back from the newest value', () => {
  const values = Float64Array.of(99, 1, 2, gap, 5, gap, gap, 7, 3);
  expect(dailyMaximum(values, 43_200)).toEqual(Float64Array.of(2, 5, gap, 7));
  expect(dailyMaximum(values, 86_400)).toEqual(values);
  expect(dailyMaximum(Float64Array.of(1, 2), 3600)).toEqual(Float64Array.of(2));
  expect(dailyMaximum(new Float64Array(), 3600)).toEqual(new Float64Array());
});

test('a damped trend fits a line without error, over gaps, and needs three values', () => {
  const line = Float64Array.from({ length: 30 }, (_, i) => (i % 9 === 4 ? gap : 10 + 2 * i));
  const model = fitDampedHolt(line);
  expect(model).toMatchObject({ damping: 1, level: 68, trend: 2 });
  expect(model?.error).toBeCloseTo(0, 9);
  expect(fitDampedHolt(Float64Array.of(1, gap, 2))).toBeUndefined();
});

describe('an autoregression', () => {
  test('finds the law of a series and goes on with it, from every origin', () => {
    const series = Float64Array.from({ length: 200 }, () => 0);
    series.set([1, 0.5]);
    for (let t = 2; t < 200; t++)
      series[t] = 0.1 + 1.6 * (series[t - 1] ?? 0) - 0.9 * (series[t - 2] ?? 0) + 0.3 * Math.sin(t * 7.1);
    const model = new Autoregression(series, [1, 2], 0);
    for (const origin of [100, 150, 200]) {
      const next = 0.1 + 1.6 * (series[origin - 1] ?? 0) - 0.9 * (series[origin - 2] ?? 0);
      const forecast = new Float64Array(1);
      model.forecast(origin, series, forecast);
      expect(forecast[0]).toBeCloseTo(next, 0);
    }
  });

  test('on differences repeats a season that grows', () => {
    const series = Float64Array.from({ length: 120 }, (_, t) => (t % 6) * 10 + t);
    const forecast = new Float64Array(12);
    new Autoregression(series, [1, 2], 6).forecast(120, series, forecast);
    for (const [h, value] of forecast.entries()) expect(value).toBeCloseTo(((120 + h) % 6) * 10 + 120 + h, 1);
  });
});

test('solving agrees with multiplying back', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 8 }),
      fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 80, maxLength: 80 }),
      (n, numbers) => {
        const matrix = new Float64Array(n * n);
        for (let i = 0; i < n; i++)
          for (let j = 0; j < n; j++) {
            let sum = i === j ? 1 : 0;
            for (let k = 0; k < n; k++) sum += (numbers[i * n + k] ?? 0) * (numbers[j * n + k] ?? 0);
            matrix[i * n + j] = sum;
          }
        const expected = Float64Array.from({ length: n }, (_, i) => numbers[64 + i] ?? 0);
        const vector = expected.map((_, i) =>
          expected.reduce((sum, x, j) => sum + x * (matrix[i * n + j] ?? 0), 0),
        );
        const solution = solvePositiveDefinite(matrix.slice(), vector);
        for (let i = 0; i < n; i++) expect(solution[i]).toBeCloseTo(expected[i] ?? 0, 6);
      },
    ),
  );
  expect(solvePositiveDefinite(Float64Array.of(4, 0, 0, 0), Float64Array.of(8, 0))).toEqual(
    Float64Array.of(2, 0),
  );
});

test('gaps are filled by their neighbours or by the season before', () => {
  expect(fillGaps(Float64Array.of(1, gap, 3), 4)).toEqual(Float64Array.of(1, 2, 3));
  expect(fillGaps(Float64Array.of(gap, 5, gap), 4)).toEqual(Float64Array.of(5, 5, 5));
  expect(fillGaps(Float64Array.of(1, 2, 9, 2, gap, gap, gap, 2), 4)).toEqual(
    Float64Array.of(1, 2, 9, 2, 1, 2, 9, 2),
  );
  expect(fillGaps(Float64Array.of(gap, gap), 4)).toBeUndefined();
  expect(fillGaps(new Float64Array(), 4)).toBeUndefined();
});

test('rehearsals lie inside the history', () => {
  fc.assert(
    fc.property(
      fc.nat(3000),
      fc.integer({ min: 1, max: 500 }),
      fc.integer({ min: 1, max: 300 }),
      (length, horizon, season) => {
        const { origins, horizon: rehearsed } = planRehearsal(length, horizon, season);
        expect(origins.length).toBeLessThanOrEqual(8);
        if (length >= 4) expect(origins.length).toBeGreaterThan(0);
        expect(origins).toEqual(origins.toSorted((a, b) => a - b));
        for (const origin of origins) {
          expect(origin).toBeGreaterThanOrEqual(2);
          expect(origin + rehearsed).toBeLessThanOrEqual(length);
        }
      },
    ),
  );
});

test('seasons follow the step', () => {
  expect(seasonsOf(3600)).toEqual({ short: 24, long: 168 });
  expect(seasonsOf(300)).toEqual({ short: 288, long: 2016 });
  expect(seasonsOf(86_400)).toEqual({ short: 7, long: 1 });
  expect(seasonsOf(604_800)).toEqual({ short: 1, long: 1 });
  expect(seasonsOf(1, 5)).toEqual({ short: 5, long: 35 });
  expect(lagsOf({ short: 24, long: 168 })).toEqual([1, 2, 3, 23, 24, 25, 167, 168, 169]);
  expect(lagsOf({ short: 1, long: 1 })).toEqual([1, 2, 3]);
});

test('medians and normal probabilities', () => {
  expect(median(Float64Array.of(3, 1, 2))).toBe(2);
  expect(median(Float64Array.of(4, 1, 2, 3))).toBe(2.5);
  expect(normalCdf(0)).toBeCloseTo(0.5, 7);
  expect(normalCdf(1.2816)).toBeCloseTo(0.9, 4);
  expect(normalCdf(-1.96)).toBeCloseTo(0.025, 4);
});
