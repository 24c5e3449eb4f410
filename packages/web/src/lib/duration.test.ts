import { describe, expect, it } from 'vitest';
import { formatCountdown, formatDaysAhead, formatDuration } from './duration.ts';

describe('formatDuration', () => {
  it.each([
    [0, '0 s'],
    [0.000_02, '20 µs'],
    [0.0043, '4 ms'],
    [0.42, '0.4 s'],
    [59.6, '1 min'],
    [61, '1 min 1 s'],
    [3600, '1 h'],
    [3660, '1 h 1 min'],
    // A second unit that does not follow directly is left out.
    [3601, '1 h'],
    [93_600, '1 d 2 h'],
    [-125, '−2 min 5 s'],
    [Number.NaN, 'unknown'],
  ])('writes %d s as %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });
});

describe('formatCountdown', () => {
  it.each([
    [0, '00:00:00'],
    [59.9, '00:00:59'],
    [14_352, '03:59:12'],
    [100_000, '1 d 03:46:40'],
    [-61, '−00:01:01'],
  ])('writes %d s as %s', (seconds, text) => {
    expect(formatCountdown(seconds)).toBe(text);
  });
});

describe('formatDaysAhead', () => {
  it('gets rougher with the distance', () => {
    expect([0.01, 0.5, 1, 2.34, 9.4, 30, 200].map(formatDaysAhead)).toEqual([
      'within the hour',
      '12 h',
      '1 day',
      '2.3 days',
      '9 days',
      '4 weeks',
      '7 months',
    ]);
  });
});
