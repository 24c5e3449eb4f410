import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { growthForecast, HORIZON_DAYS, timeToFull } from './time-to-full.ts';

const HOUR = 3600;

/** Hourly usage by days ago, the last value now. */
function usage(days: number, used: (daysAgo: number) => number): Float64Array {
  const hours = Math.round(days * 24);
  return Float64Array.from({ length: hours }, (_, i) => used((hours - 1 - i) / 24));
}

/** Repeatable noise between -1 and 1. */
function noise(i: number): number {
  return Math.sin(i * 12.9898) * Math.cos(i * 78.233);
}

function outlookOf(values: Float64Array, capacity = 100, stepSeconds = HOUR) {
  return timeToFull({ values, stepSeconds, capacity });
}

describe('timeToFull', () => {
  test.each([0.3, 1, 3])('a straight line of %d a day is full where it meets the capacity', (perDay) => {
    const result = outlookOf(usage(30, (ago) => 70 - ago * perDay));
    const expected = 30 / perDay;
    expect(result.outlook).toBe('filling');
    expect(result.q50Days).toBeGreaterThan(expected * 0.9);
    expect(result.q50Days).toBeLessThan(expected * 1.2);
    expect(result.p7).toBeCloseTo(0, 2);
    expect(result.modelError).toBeLessThan(0.001);
    expect(result.explanation).toMatch(
      /^Full in about \d+ (days|months) \(80 % sure: between .* and .*\), from 30 days of history\.$/,
    );
  });

  test('a daily wave and noise around a line change the range, not the date', () => {
    const result = outlookOf(usage(45, (ago) => 80 - ago + 3 * Math.sin(ago * 2 * Math.PI) + noise(ago)));
    expect(result.outlook).toBe('filling');
    expect(result.q50Days).toBeGreaterThan(14);
    expect(result.q50Days).toBeLessThan(21);
    expect(result.q10Days).toBeLessThan(result.q50Days ?? 0);
    expect(result.q90Days).toBeGreaterThan(result.q50Days ?? 0);
  });

  test.each([
    ['flat', () => 50],
    ['emptying', (ago: number) => 30 + ago],
    ['busy but level', (ago: number) => 40 + 10 * Math.sin(ago * 2 * Math.PI)],
  ])('%s is not filling', (_, used) => {
    expect(outlookOf(usage(30, used))).toMatchObject({
      outlook: 'not_filling',
      q50Days: null,
      q90Days: null,
    });
  });

  test('jumps up and down have no date', () => {
    const result = outlookOf(usage(60, (ago) => 55 + 25 * noise(Math.floor(ago))));
    expect(result.outlook).toBe('unpredictable');
    expect(result.explanation).toMatch(/^Unpredictable: usage moves too irregularly for a date/);
  });

  test('a disk that began to fill an hour ago is not missed until tomorrow', () => {
    const values = usage(20, (ago) => 40 + 0.2 * noise(ago * 24) + Math.max(0, 6 / 24 - ago) * 24 * 6);
    const result = outlookOf(values);
    expect(result.q50Days).toBeLessThan(0.6);
    expect(result.p7).toBeGreaterThanOrEqual(0.5);
    expect(result.outlook).toBe('filling');
    expect(result.explanation).toMatch(/^Full in about \d+ hours/);
  });

  test('a full disk is full now', () => {
    expect(outlookOf(usage(1, () => 100))).toMatchObject({ q10Days: 0, q50Days: 0, q90Days: 0, p7: 1 });
  });

  test.each([
    [new Float64Array(), 'Not enough history: a date needs 5 days of it, there is less than one.'],
    [usage(1.5, () => 10), 'Not enough history: a date needs 5 days of it, there is 1.'],
    [usage(4.9, () => 10), 'Not enough history: a date needs 5 days of it, there are 4.'],
    [
      new Float64Array(500).fill(Number.NaN),
      'Not enough history: a date needs 5 days of it, there is less than one.',
    ],
  ])('too little history is said plainly', (values, explanation) => {
    expect(outlookOf(values)).toEqual({
      outlook: 'not_enough_history',
      q10Days: null,
      q50Days: null,
      q90Days: null,
      p7: null,
      modelError: null,
      explanation,
    });
  });

  test('gaps, even of days, do not break a line', () => {
    const values = usage(30, (ago) => 70 - ago);
    for (const [i] of values.entries()) if (i % 7 === 0 || (i > 200 && i < 300)) values[i] = Number.NaN;
    const { q50Days } = outlookOf(values);
    expect(q50Days).toBeGreaterThan(26);
    expect(q50Days).toBeLessThan(36);
  });

  test('daily and weekly values are taken as they are', () => {
    const daily = Float64Array.from({ length: 40 }, (_, i) => 30 + i);
    expect(outlookOf(daily, 100, 86_400).q50Days).toBeCloseTo(31, 0);
    const weekly = Float64Array.from({ length: 20 }, (_, i) => 30 + i * 2);
    expect(outlookOf(weekly, 100, 7 * 86_400).q50Days).toBeCloseTo(16 * 7, -1);
  });

  test('any input has ordered quantiles, a probability, and the same answer in other units', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            { weight: 9, arbitrary: fc.double({ min: 0, max: 99, noNaN: true }) },
            { weight: 1, arbitrary: fc.constant(Number.NaN) },
          ),
          { minLength: 0, maxLength: 24 * 12 },
        ),
        fc.constantFrom(300, 3600, 7200, 86_400),
        (list, stepSeconds) => {
          const values = Float64Array.from(list);
          const result = timeToFull({ values, stepSeconds, capacity: 100 });
          const { q10Days, q50Days, q90Days, p7, outlook } = result;
          const order = [q10Days, q50Days, q90Days].map((days) => days ?? HORIZON_DAYS * 2);
          expect(order).toEqual(order.toSorted((a, b) => a - b));
          expect(order.every((days) => days >= 0)).toBe(true);
          if (outlook === 'not_enough_history') expect(p7).toBeNull();
          else expect(p7 !== null && p7 >= 0 && p7 <= 1).toBe(true);
          const doubled = timeToFull({
            values: values.map((value) => value * 2),
            stepSeconds,
            capacity: 200,
          });
          expect(doubled.outlook).toBe(outlook);
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** The first step at which an edge is at the capacity, from 1. */
function meets(edge: Float64Array | undefined): number {
  return (edge?.findIndex((value) => value >= 100) ?? -1) + 1;
}

describe('growthForecast', () => {
  test('meets the capacity where timeToFull says so', () => {
    const values = usage(40, (ago) => 80 - ago + noise(ago));
    const { q10Days, q50Days, q90Days } = outlookOf(values);
    const path = growthForecast({ values, stepSeconds: HOUR, capacity: 100 }, 60);
    expect(meets(path?.hi80)).toBe(Math.ceil(q10Days ?? 0));
    expect(meets(path?.mean)).toBe(Math.ceil(q50Days ?? 0));
    expect(meets(path?.lo80)).toBe(Math.ceil(q90Days ?? 0));
    expect(path?.mean).toHaveLength(60);
    expect(path?.stepSeconds).toBe(86_400);
  });

  test('is null without enough history', () => {
    expect(growthForecast({ values: usage(2, () => 1), stepSeconds: HOUR, capacity: 100 }, 60)).toBeNull();
  });
});
