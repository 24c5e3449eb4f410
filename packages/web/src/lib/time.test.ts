import { describe, expect, it } from 'vitest';
import { formatInstant, formatRelative, formatTimeTick, instantOf } from './time.ts';

const now = Date.parse('2026-03-27T12:00:00Z');

describe('formatRelative', () => {
  it.each([
    [0, 'just now'],
    [45, '45 s ago'],
    [119, '1 min 59 s ago'],
    // Seconds are noise from here on.
    [125, '2 min ago'],
    [7384, '2 h 3 min ago'],
    [200_000, '2 d ago'],
    [-90, 'in 1 min 30 s'],
  ])('%d s ago is %s', (seconds, text) => {
    expect(formatRelative(now - seconds * 1000, now)).toBe(text);
  });
});

describe('absolute times', () => {
  it('carry a zone', () => {
    expect(formatInstant(now)).toMatch(/2026.*(?:UTC|GMT|[A-Z]{3,5}|[+-]\d)/);
  });

  it('are null where there is none', () => {
    expect([instantOf(null), instantOf(''), instantOf('soon')]).toEqual([null, null, null]);
  });
});

describe('formatTimeTick', () => {
  it('names the day where it changes', () => {
    const midnight = new Date(2026, 2, 27).getTime() / 1000;
    expect(formatTimeTick(midnight, midnight - 3600)).toBe('27 Mar');
    expect(formatTimeTick(midnight + 3600, midnight)).toBe('01:00');
    expect(formatTimeTick(midnight + 7200, midnight - 3600)).toBe('27 Mar 02:00');
    expect(formatTimeTick(midnight + 3615, undefined)).toBe('01:00:15');
  });
});
