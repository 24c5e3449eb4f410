import { describe, expect, it } from 'vitest';
import { durationText, nameText, timeText } from './words.ts';

describe('words', () => {
  it.each([
    [0, '0 s'],
    [59.6, '1 min'],
    [11_520, '3 h 12 min'],
    [-11_520, '3 h 12 min'],
    [86_400 + 60, '1 d'],
    [3 * 86_400 + 4 * 3600 + 59, '3 d 4 h'],
  ])('tell %d seconds as %s', (seconds, text) => expect(durationText(seconds)).toBe(text));

  it('tell times and names', () => {
    expect(timeText('2026-03-27T15:00:00.123Z')).toBe('2026-03-27 15:00:00 UTC');
    expect(nameText('on_hold')).toBe('on hold');
  });
});
