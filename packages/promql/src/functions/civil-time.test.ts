import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { civilTime } from './civil-time.ts';

describe('civilTime', () => {
  it('agrees with Date wherever Date reaches', () => {
    fc.assert(
      fc.property(fc.integer({ min: -8_640_000_000_000, max: 8_640_000_000_000 }), (seconds) => {
        const date = new Date(seconds * 1000);
        expect(civilTime(seconds)).toMatchObject({
          year: date.getUTCFullYear(),
          month: date.getUTCMonth() + 1,
          day: date.getUTCDate(),
          weekday: date.getUTCDay(),
          hour: date.getUTCHours(),
          minute: date.getUTCMinutes(),
        });
      }),
    );
  });

  it('counts leap days', () => {
    expect(civilTime(951_782_400)).toMatchObject({ month: 2, day: 29, dayOfYear: 60, daysInMonth: 29 });
    expect(civilTime(1_672_444_800)).toMatchObject({ dayOfYear: 365, daysInMonth: 31 });
  });

  it('goes on where Date ends', () => {
    expect(civilTime(Number.NaN)).toMatchObject({ year: 292_277_026_596, hour: 15, minute: 30 });
  });
});
