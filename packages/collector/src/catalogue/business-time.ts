import type { Calendar, WorkDuration } from './catalogue.ts';

const MINUTES_PER_DAY = 1440;
const DAY_MS = 86_400_000;
/** Days to look ahead for working time: ten years, after which a calendar has none for practical purposes. */
const MAX_DAYS = 3_660;

/**
 * Working time between two instants, in milliseconds; 0 when `toMs` is not after `fromMs`.
 *
 * Counted day by day in the calendar's zone, holidays left out. An opening or closing time that a clock change skips
 * moves later by the length of the gap; one that occurs twice means its first occurrence. What lies between is real
 * elapsed time, so an around-the-clock day is 23, 24 or 25 hours long.
 */
export function workingTimeBetween(calendar: Calendar, fromMs: number, toMs: number): number {
  if (toMs <= fromMs) return 0;
  if (isContinuous(calendar)) return toMs - fromMs;
  let workedMs = 0;
  for (const [startMs, endMs] of workingSpans(calendar, fromMs)) {
    if (startMs >= toMs) break;
    workedMs += Math.max(0, Math.min(endMs, toMs) - Math.max(startMs, fromMs));
  }
  return workedMs;
}

/** The first instant at which `workMs` of working time have passed since `fromMs`. */
export function addWorkingTime(calendar: Calendar, fromMs: number, workMs: number): number {
  if (workMs <= 0) return fromMs;
  if (isContinuous(calendar)) return fromMs + workMs;
  let leftMs = workMs;
  for (const [startMs, endMs] of workingSpans(calendar, fromMs)) {
    const beginMs = Math.max(startMs, fromMs);
    const lengthMs = Math.max(0, endMs - beginMs);
    if (lengthMs >= leftMs) return beginMs + leftMs;
    leftMs -= lengthMs;
  }
  throw new Error(`calendar ${calendar.name} has less than ${workMs} ms of work in ${MAX_DAYS} days`);
}

/** A duration as working time. A day is the calendar's longest regular working day. */
export function toWorkingTime(calendar: Calendar, duration: WorkDuration): number {
  return duration.days * workingDayMs(calendar) + duration.ms;
}

function workingDayMs(calendar: Calendar): number {
  const minutes = calendar.week.map((day) =>
    day.reduce((sum, hours) => sum + hours.toMinute - hours.fromMinute, 0),
  );
  return Math.max(...minutes) * 60_000;
}

function isContinuous(calendar: Calendar): boolean {
  return (
    calendar.holidays.length === 0 &&
    calendar.week.every((day) => day[0]?.fromMinute === 0 && day[0].toMinute === MINUTES_PER_DAY)
  );
}

/** Working spans in ascending order without overlap, from the day of `fromMs` on. */
function* workingSpans(calendar: Calendar, fromMs: number): Generator<readonly [number, number]> {
  const holidays = new Set(calendar.holidays);
  // One day early: where midnight moves, the local date of an instant may lag behind the spans around it.
  let date = Temporal.Instant.fromEpochMilliseconds(fromMs - DAY_MS)
    .toZonedDateTimeISO(calendar.zone)
    .toPlainDate();
  let lastEndMs = -Infinity;
  for (let day = 0; day < MAX_DAYS; day++, date = date.add({ days: 1 })) {
    if (holidays.has(date.toString())) continue;
    for (const { fromMinute, toMinute } of calendar.week[date.dayOfWeek - 1] ?? []) {
      // Moving later out of a gap may push a span into its neighbour: no time counts twice.
      const startMs = Math.max(lastEndMs, instantOf(date, fromMinute, calendar.zone));
      const endMs = instantOf(date, toMinute, calendar.zone);
      if (endMs <= startMs) continue;
      lastEndMs = endMs;
      yield [startMs, endMs];
    }
  }
}

function instantOf(date: Temporal.PlainDate, minute: number, timeZone: string): number {
  if (minute === MINUTES_PER_DAY) {
    return date.add({ days: 1 }).toZonedDateTime(timeZone).epochMilliseconds;
  }
  const plainTime = new Temporal.PlainTime(Math.floor(minute / 60), minute % 60);
  return date.toZonedDateTime({ timeZone, plainTime }).epochMilliseconds;
}
