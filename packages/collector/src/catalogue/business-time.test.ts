import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addWorkingTime, toWorkingTime, workingTimeBetween } from './business-time.ts';
import type { Calendar, DayHours } from './catalogue.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function calendar(
  zone: string,
  days: Record<number, readonly DayHours[]>,
  holidays: string[] = [],
): Calendar {
  return { name: 'test', zone, week: Array.from({ length: 7 }, (_, i) => days[i] ?? []), holidays };
}

function hours(from: number, to: number): DayHours[] {
  return [{ fromMinute: from * 60, toMinute: to * 60 }];
}

const OFFICE_DAYS = Object.fromEntries([0, 1, 2, 3, 4].map((day) => [day, hours(9, 17)]));
const OFFICE = calendar('Europe/Berlin', OFFICE_DAYS);
const ALL_DAYS = Object.fromEntries([0, 1, 2, 3, 4, 5, 6].map((day) => [day, hours(0, 24)]));

function ms(local: string, zone = 'Europe/Berlin'): number {
  return Temporal.PlainDateTime.from(local).toZonedDateTime(zone).epochMilliseconds;
}

describe('working time', () => {
  test('over the weekend on which the clocks go forward', () => {
    const from = ms('2026-03-27T16:00');
    const to = ms('2026-03-30T10:00');
    expect(workingTimeBetween(OFFICE, from, to) / MINUTE).toBe(120);
    expect((to - from) / MINUTE).toBe(3_900);
    expect(addWorkingTime(OFFICE, from, 120 * MINUTE)).toBe(to);
  });

  test('leaves holidays out', () => {
    const christmas = calendar('Europe/Berlin', OFFICE_DAYS, ['2026-12-24', '2026-12-25']);
    const from = ms('2026-12-23T16:00');
    expect(workingTimeBetween(christmas, from, ms('2026-12-28T10:00'))).toBe(2 * HOUR);
    expect(addWorkingTime(christmas, from, 2 * HOUR)).toBe(ms('2026-12-28T10:00'));
  });

  test('ends at closing time, not at the next opening', () => {
    expect(addWorkingTime(OFFICE, ms('2026-03-27T16:00'), HOUR)).toBe(ms('2026-03-27T17:00'));
    expect(addWorkingTime(OFFICE, ms('2026-03-28T12:00'), HOUR)).toBe(ms('2026-03-30T10:00'));
    expect(addWorkingTime(OFFICE, ms('2026-03-28T12:00'), 0)).toBe(ms('2026-03-28T12:00'));
  });

  test('around the clock has 23 and 25 hours on the days the clocks change', () => {
    const holidayFar = calendar('Europe/Berlin', ALL_DAYS, ['2030-01-01']);
    const day = (date: string): number =>
      workingTimeBetween(holidayFar, ms(`${date}T00:00`), ms(`${date}T23:59:59.999`)) + 1;
    expect(day('2026-03-29') / HOUR).toBe(23);
    expect(day('2026-10-25') / HOUR).toBe(25);
    expect(day('2026-10-26') / HOUR).toBe(24);
  });

  test('an opening time that the clocks skip moves later, one that comes twice is the first', () => {
    const night = calendar('Europe/Berlin', { 6: [{ fromMinute: 150, toMinute: 300 }] });
    const spring = ms('2026-03-29T00:00');
    // 02:30 does not exist: work begins at 03:30 summer time and ends at 05:00.
    expect(workingTimeBetween(night, spring, spring + 12 * HOUR) / MINUTE).toBe(90);
    const autumn = ms('2026-10-25T00:00');
    // From the first 02:30 to 05:00, the hour from two to three passing twice.
    expect(workingTimeBetween(night, autumn, autumn + 12 * HOUR) / MINUTE).toBe(210);
  });

  test('a day of a target is the longest regular working day', () => {
    const uneven = calendar('Europe/Berlin', { 0: hours(9, 17), 4: hours(9, 14) });
    expect(toWorkingTime(uneven, { days: 2, ms: HOUR })).toBe(17 * HOUR);
  });

  test('adding and measuring agree, in any zone and at any time', () => {
    const zone = fc.constantFrom(
      'Europe/Berlin',
      'America/New_York',
      'Australia/Lord_Howe',
      'UTC',
      'Asia/Kolkata',
    );
    const instant = fc.integer({ min: Date.UTC(2025, 0, 1), max: Date.UTC(2027, 0, 1) });
    const work = fc.integer({ min: 0, max: 200 * HOUR });
    fc.assert(
      fc.property(zone, instant, work, work, (place, from, a, b) => {
        const own = calendar(place, OFFICE_DAYS, ['2026-01-01']);
        const middle = addWorkingTime(own, from, a);
        expect(workingTimeBetween(own, from, middle)).toBe(a);
        const end = addWorkingTime(own, middle, b);
        expect(workingTimeBetween(own, from, end)).toBe(a + b);
      }),
      { numRuns: 100 },
    );
  });
});
