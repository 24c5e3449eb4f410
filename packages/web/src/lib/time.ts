import { formatDuration } from './duration.ts';

const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

const absolute = new Intl.DateTimeFormat('en-GB', {
  year: 'numeric',
  month: 'short',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZoneName: 'short',
});
const clock = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZoneName: 'short',
});
const dayOnly = new Intl.DateTimeFormat('en-GB', { year: 'numeric', month: 'short', day: '2-digit' });

/** `30 Jul 2026, 14:02:11 CEST`: an instant in the reader's zone, with the zone. */
export function formatInstant(ms: number): string {
  return absolute.format(ms);
}

/** `14:02:11 CEST`: for times known to be of today. */
export function formatClock(ms: number): string {
  return clock.format(ms);
}

/** `30 Jul 2026`. */
export function formatDay(ms: number): string {
  return dayOnly.format(ms);
}

const tickClock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const tickSeconds = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const tickDay = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

/** A time at an axis: the clock, with the day where a new one begins. Takes epoch seconds and those of the tick before. */
export function formatTimeTick(atS: number, beforeS: number | undefined): string {
  const day = tickDay.format(atS * 1000);
  const clockText = tickClock.format(atS * 1000);
  if (clockText === '00:00') return day;
  if (beforeS !== undefined && tickDay.format(beforeS * 1000) !== day) return `${day} ${clockText}`;
  return atS % 60 === 0 ? clockText : tickSeconds.format(atS * 1000);
}

/** `3 min 4 s ago`, `in 2 h`, `just now`. */
export function formatRelative(ms: number, nowMs: number): string {
  const seconds = Math.round((nowMs - ms) / 1000);
  if (Math.abs(seconds) < 2) return 'just now';
  return seconds > 0 ? `${formatDuration(coarse(seconds))} ago` : `in ${formatDuration(coarse(-seconds))}`;
}

/** Seconds are dropped past two minutes, hours past two days: nobody reads them, and text that stands still is calmer. */
function coarse(seconds: number): number {
  if (seconds >= 172_800) return seconds - (seconds % 86_400);
  if (seconds >= 120) return seconds - (seconds % 60);
  return seconds;
}

export function zoneName(): string {
  return zone();
}

/** Milliseconds of an RFC 3339 time, or null. */
export function instantOf(text: string | null | undefined): number | null {
  if (!text) return null;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
}
