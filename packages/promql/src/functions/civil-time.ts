/** A point in time in UTC, taken apart. */
export interface CivilTime {
  readonly year: number;
  /** From 1. */
  readonly month: number;
  readonly day: number;
  /** From 0, Sunday. */
  readonly weekday: number;
  /** From 1. */
  readonly dayOfYear: number;
  readonly daysInMonth: number;
  readonly hour: number;
  readonly minute: number;
}

const DAY_S = 86_400n;
/** The days of 400 years, after which the calendar repeats. */
const CYCLE_DAYS = 146_097;
/** Days from 1 March of year 0 to the Unix epoch. */
const EPOCH_DAYS = 719_468;
const UNIX_WEEKDAY = 4;
const MAX_INT64 = 2 ** 63;

/**
 * Takes apart a time in Unix seconds, of which the fraction does not count. It may be any 64-bit number, far beyond
 * what `Date` can hold. What is no such number counts as 2^63, which is what Prometheus makes of it.
 * The calendar follows Howard Hinnant's days-to-civil algorithm: years are counted from March, so that the leap day
 * is the last.
 */
export function civilTime(seconds: number): CivilTime {
  const valid = seconds >= -MAX_INT64 && seconds < MAX_INT64;
  const whole = valid ? BigInt(Math.trunc(seconds)) : 1n << 63n;
  const inDay = Number(((whole % DAY_S) + DAY_S) % DAY_S);
  const days = Number((whole - BigInt(inDay)) / DAY_S);
  const shifted = days + EPOCH_DAYS;
  const cycle = Math.floor(shifted / CYCLE_DAYS);
  const dayOfCycle = shifted - cycle * CYCLE_DAYS;
  const yearOfCycle = Math.floor(
    (dayOfCycle -
      Math.floor(dayOfCycle / 1460) +
      Math.floor(dayOfCycle / 36_524) -
      Math.floor(dayOfCycle / 146_096)) /
      365,
  );
  const fromMarch =
    dayOfCycle - (365 * yearOfCycle + Math.floor(yearOfCycle / 4) - Math.floor(yearOfCycle / 100));
  const marchMonth = Math.floor((5 * fromMarch + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const year = yearOfCycle + cycle * 400 + (month <= 2 ? 1 : 0);
  const day = fromMarch - Math.floor((153 * marchMonth + 2) / 5) + 1;
  return {
    year,
    month,
    day,
    weekday: (((days + UNIX_WEEKDAY) % 7) + 7) % 7,
    dayOfYear: dayOfYearOf(year, month, day),
    daysInMonth: daysInMonthOf(year, month),
    hour: Math.floor(inDay / 3600),
    minute: Math.floor(inDay / 60) % 60,
  };
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function daysInMonthOf(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function dayOfYearOf(year: number, month: number, day: number): number {
  let days = day;
  for (let before = 1; before < month; before++) days += daysInMonthOf(year, before);
  return days;
}
