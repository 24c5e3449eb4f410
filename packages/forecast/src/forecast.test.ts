import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { forecast } from './forecast.ts';

const HOUR = 3600;

function hours(length: number, valueAt: (hour: number) => number): Float64Array {
  return Float64Array.from({ length }, (_, hour) => valueAt(hour));
}

function noise(i: number): number {
  return Math.sin(i * 12.9898) * Math.cos(i * 78.233);
}

function weekly(hour: number): number {
  return 100 + 20 * Math.sin((hour * Math.PI) / 12) + (Math.floor(hour / 24) % 7 < 2 ? 30 : 0);
}

function noisyDay(hour: number): number {
  return 50 + 10 * Math.sin((hour * Math.PI) / 12) + 3 * noise(hour);
}

function day(hour: number): number {
  return 50 + 10 * Math.sin((hour * Math.PI) / 12);
}

function fiveSteps(step: number): number {
  return [10, 50, 20, 80, 30][step % 5] ?? 0;
}

function ask(values: Float64Array, horizon: number): () => unknown {
  return () => forecast({ values, stepSeconds: HOUR, horizon });
}

describe('forecast', () => {
  test('continues a daily and weekly pattern', () => {
    const { mean, lo95, hi95 } = forecast({
      values: hours(24 * 35, weekly),
      stepSeconds: HOUR,
      horizon: 168,
    });
    for (const [h, value] of mean.entries()) {
      const expected = weekly(24 * 35 + h);
      expect(Math.abs(value - expected)).toBeLessThan(2);
      expect(lo95[h]).toBeLessThanOrEqual(expected + 1);
      expect(hi95[h]).toBeGreaterThanOrEqual(expected - 1);
    }
  });

  test('intervals are as wide as the noise', () => {
    const { lo80, hi80, lo95, hi95 } = forecast({
      values: hours(700, noisyDay),
      stepSeconds: HOUR,
      horizon: 200,
    });
    const share = (low: Float64Array, high: Float64Array): number =>
      low.filter((value, h) => value <= noisyDay(700 + h) && noisyDay(700 + h) <= (high[h] ?? 0)).length /
      200;
    expect(share(lo80, hi80)).toBeGreaterThan(0.65);
    expect(share(lo95, hi95)).toBeGreaterThan(0.9);
    expect((hi80[0] ?? 0) - (lo80[0] ?? 0)).toBeLessThan(12);
  });

  test('a constant stays constant, without an interval', () => {
    const { mean, lo95, hi95 } = forecast({ values: hours(300, () => 7), stepSeconds: HOUR, horizon: 3 });
    for (const edge of [mean, lo95, hi95]) for (const value of edge) expect(value).toBeCloseTo(7, 6);
  });

  test('gaps are bridged: short ones straight, long ones by the day before', () => {
    const values = hours(600, day);
    values.fill(Number.NaN, 100, 103).fill(Number.NaN, 300, 330).fill(Number.NaN, 590);
    const { mean } = forecast({ values, stepSeconds: HOUR, horizon: 24 });
    for (const [h, value] of mean.entries()) expect(Math.abs(value - day(600 + h))).toBeLessThan(1.5);
  });

  test('a step or a season of its own is respected', () => {
    const { mean } = forecast({ values: hours(200, fiveSteps), stepSeconds: 1, horizon: 10, season: 5 });
    for (const [h, value] of mean.entries()) expect(Math.abs(value - fiveSteps(200 + h))).toBeLessThan(0.5);
  });

  test('what never was negative is not forecast to be', () => {
    const values = hours(500, (hour) => (hour % 24 === 0 ? 1000 * Math.abs(noise(hour)) : 0));
    const { lo95 } = forecast({ values, stepSeconds: HOUR, horizon: 48 });
    expect(Math.min(...lo95)).toBeGreaterThanOrEqual(0);
  });

  test('any series yields ordered finite intervals, near the range seen', () => {
    const value = fc.oneof(
      { weight: 8, arbitrary: fc.double({ min: -1e9, max: 1e9, noNaN: true }) },
      { weight: 1, arbitrary: fc.constant(Number.NaN) },
      { weight: 1, arbitrary: fc.constant(0) },
    );
    fc.assert(
      fc.property(
        fc
          .array(value, { minLength: 1, maxLength: 400 })
          .filter((list) => list.some((each) => !Number.isNaN(each))),
        fc.constantFrom(60, 3600, 86_400, 2_592_000),
        fc.integer({ min: 1, max: 60 }),
        (list, stepSeconds, horizon) => {
          const values = Float64Array.from(list);
          const { mean, lo80, hi80, lo95, hi95 } = forecast({ values, stepSeconds, horizon });
          const numbers = list.filter((each) => !Number.isNaN(each));
          const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
          const slack = (high - low) * 0.11 + 1e-6 * Math.max(Math.abs(low), Math.abs(high), 1);
          expect(mean).toHaveLength(horizon);
          for (let h = 0; h < horizon; h++) {
            const row = [lo95, lo80, mean, hi80, hi95].map((edge) => edge[h] ?? Number.NaN);
            expect(row.every(Number.isFinite)).toBe(true);
            expect(row).toEqual(row.toSorted((a, b) => a - b));
            expect(mean[h]).toBeGreaterThanOrEqual(low - slack);
            expect(mean[h]).toBeLessThanOrEqual(high + slack);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  test('nothing to go by, or nothing asked for, is an error', () => {
    expect(ask(new Float64Array(), 1)).toThrow('there is no number in the series');
    expect(ask(Float64Array.of(Number.NaN), 1)).toThrow(RangeError);
    expect(ask(Float64Array.of(1), 0)).toThrow('horizon must be a positive integer');
    expect(ask(Float64Array.of(1), 1.5)).toThrow(RangeError);
  });
});
