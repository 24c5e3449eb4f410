import { formatGeneral } from './go-number.ts';
import { formatTime, GoTime } from './go-value.ts';

const LARGE = ['k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y'];
const SMALL = ['m', 'u', 'n', 'p', 'f', 'a', 'z', 'y'];
const BINARY = ['ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei', 'Zi', 'Yi'];

const four = (value: number): string => formatGeneral(value, 4);

function scaleDown(value: number, step: number, prefixes: readonly string[]): string {
  let scaled = value;
  let prefix = '';
  for (const candidate of prefixes) {
    if (Math.abs(scaled) < step) break;
    prefix = candidate;
    scaled /= step;
  }
  return four(scaled) + prefix;
}

function scaleUp(value: number): string {
  let scaled = value;
  let prefix = '';
  for (const candidate of SMALL) {
    if (Math.abs(scaled) >= 1) break;
    prefix = candidate;
    scaled *= 1000;
  }
  return four(scaled) + prefix;
}

/** SI prefixes: 1234567 is `1.235M`, 0.002 is `2m`. */
export function humanize(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return four(value);
  return Math.abs(value) >= 1 ? scaleDown(value, 1000, LARGE) : scaleUp(value);
}

/** Binary prefixes: 1536 is `1.5ki`. */
export function humanize1024(value: number): string {
  if (Math.abs(value) <= 1 || !Number.isFinite(value)) return four(value);
  return scaleDown(value, 1024, BINARY);
}

/** Seconds as days, hours, minutes and seconds: 3661 is `1h 1m 1s`. */
export function humanizeDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return four(seconds);
  if (seconds === 0) return `${four(seconds)}s`;
  if (Math.abs(seconds) < 1) return `${scaleUp(seconds)}s`;
  const sign = seconds < 0 ? '-' : '';
  const absolute = Math.abs(seconds);
  const whole = Math.trunc(absolute);
  const s = whole % 60;
  const m = Math.trunc(whole / 60) % 60;
  const h = Math.trunc(whole / 3600) % 24;
  const d = Math.trunc(whole / 86_400);
  if (d !== 0) return `${sign}${d}d ${h}h ${m}m ${s}s`;
  if (h !== 0) return `${sign}${h}h ${m}m ${s}s`;
  return m !== 0 ? `${sign}${m}m ${s}s` : `${sign}${four(absolute)}s`;
}

/** A ratio as percent: 0.1234 is `12.34%`. */
export function humanizePercentage(ratio: number): string {
  return `${four(ratio * 100)}%`;
}

/** Seconds since the epoch as a UTC time. */
export function humanizeTimestamp(seconds: number): string {
  if (!Number.isFinite(seconds)) return four(seconds);
  return formatTime(toTime(seconds).ms);
}

/** The farthest a JavaScript date reaches, either way. */
const MAX_DATE_MS = 8.64e15;

export function toTime(seconds: number): GoTime {
  const ms = Math.trunc(seconds * 1000);
  if (!(Math.abs(ms) <= MAX_DATE_MS))
    throw new Error(`${four(seconds)} cannot be represented as a timestamp`);
  return new GoTime(ms);
}
