import { describe, expect, it } from 'vitest';
import { limitParameter, MAX_TIME_MS, MIN_TIME_MS, parseDuration, parseTime } from './parameters.ts';

describe('parseTime', () => {
  it.each([
    ['1700000000', 1_700_000_000_000],
    ['1700000000.123', 1_700_000_000_123],
    ['-1.5', -1_500],
    ['1e9', 1_000_000_000_000],
    ['2026-01-02T13:37:00Z', Date.UTC(2026, 0, 2, 13, 37)],
    ['2026-01-02T13:37:00.25+02:00', Date.UTC(2026, 0, 2, 11, 37, 0, 250)],
    ['-292273086-05-16T16:47:06Z', MIN_TIME_MS],
    ['292277025-08-18T07:12:54.999999999Z', MAX_TIME_MS],
  ])('reads %s', (text, timeMs) => {
    expect(parseTime(text)).toBe(timeMs);
  });

  it.each(['', 'now', '2026-01-02', '2026-13-02T00:00:00Z', 'NaN', 'Inf', '0x10', '1e300'])(
    'refuses "%s"',
    (text) => {
      expect(parseTime(text)).toBeNull();
    },
  );
});

describe('parseDuration', () => {
  it.each([
    ['15', 15_000],
    ['0.5', 500],
    ['-1', -1_000],
    ['1h30m', 5_400_000],
    ['1d', 86_400_000],
    ['250ms', 250],
  ])('reads %s', (text, durationMs) => {
    expect(parseDuration(text)).toBe(durationMs);
  });

  it.each(['', 'm', '1m1h', '1.5m', 'NaN', '1e30'])('refuses "%s"', (text) => {
    expect(parseDuration(text)).toBeNull();
  });
});

describe('limitParameter', () => {
  it('is no limit when absent', () => {
    expect(limitParameter(new URLSearchParams())).toBe(0);
  });

  it.each([
    ['x', 'invalid parameter "limit": strconv.Atoi: parsing "x": invalid syntax'],
    ['-1', 'invalid parameter "limit": limit must be non-negative'],
  ])('refuses %s', (limit, message) => {
    expect(() => limitParameter(new URLSearchParams({ limit }))).toThrow(message);
  });
});
