import type { z } from 'zod';
import type { Calendar, DayHours } from './catalogue.ts';
import type { calendarFileSchema } from './file-schema.ts';
import type { SourceDocument } from './source-document.ts';

type CalendarFile = z.infer<typeof calendarFileSchema>;

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** A calendar as its document says; an unknown zone, hours that overlap or a week without work become errors. */
export function readCalendar(
  { metadata, spec }: CalendarFile,
  document: SourceDocument,
  errors: string[],
): Calendar {
  if (!isZone(spec.zone)) {
    errors.push(document.at(['spec', 'zone'], `spec.zone: no time zone is called "${spec.zone}"`));
  }
  const week: DayHours[][] = DAYS.map(() => []);
  for (const [days, written] of Object.entries(spec.hours)) {
    const spans = (Array.isArray(written) ? written : [written]).map(readHours);
    for (const day of daysOf(days)) week[day]?.push(...spans);
    if (spans.some(({ fromMinute, toMinute }) => toMinute <= fromMinute)) {
      errors.push(document.at(['spec', 'hours', days], `spec.hours.${days}: must end after they begin`));
    }
  }
  for (const day of week) day.sort((a, b) => a.fromMinute - b.fromMinute);
  for (const [index, day] of week.entries()) {
    if (day.some((hours, i) => hours.fromMinute < (day[i - 1]?.toMinute ?? 0))) {
      errors.push(document.at(['spec', 'hours'], `spec.hours: those of ${DAYS[index]} overlap`));
    }
  }
  if (week.every((day) => day.length === 0)) {
    errors.push(document.at(['spec', 'hours'], 'spec.hours: at least one day must have working hours'));
  }
  return {
    name: metadata.name,
    zone: spec.zone,
    week,
    holidays: [...new Set(spec.holidays)].toSorted(),
  };
}

function isZone(zone: string): boolean {
  // Offsets such as +02:00 are understood too, but know no daylight saving: a calendar wants a place.
  if (/^[+-]/.test(zone)) return false;
  try {
    Temporal.PlainDate.from('2000-01-01').toZonedDateTime(zone);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Indices of days from Monday; a range may go round the week's end. */
function daysOf(days: string): readonly number[] {
  const [first = '', last = first] = days.split('-');
  const from = DAYS.indexOf(first);
  const count = ((DAYS.indexOf(last) - from + 7) % 7) + 1;
  return Array.from({ length: count }, (_, i) => (from + i) % 7);
}

function readHours(hours: string): DayHours {
  const [fromMinute = 0, toMinute = 0] = hours.split('-').map((time) => {
    const [hour, minute] = time.split(':').map(Number);
    return (hour ?? 0) * 60 + (minute ?? 0);
  });
  return { fromMinute, toMinute };
}
