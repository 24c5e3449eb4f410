import { readDuration } from '../../config/units.ts';
import { PrometheusError } from './prometheus-error.ts';

/** The end points of a request without start or end: everything a store can hold. */
export const MIN_TIME_MS = -8.64e15;
export const MAX_TIME_MS = 8.64e15;

/** How Go clients write "no start" and "no end". */
const GO_MIN_TIME = '-292273086-05-16T16:47:06Z';
const GO_MAX_TIME = '292277025-08-18T07:12:54.999999999Z';

const RFC3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
/** Unix seconds with a fraction, or RFC 3339, as milliseconds. Null when it is neither. */
export function parseTime(text: string): number | null {
  if (DECIMAL.test(text)) {
    const timeMs = Math.round(Number(text) * 1000);
    return Math.abs(timeMs) <= MAX_TIME_MS ? timeMs : null;
  }
  if (text === GO_MIN_TIME) return MIN_TIME_MS;
  if (text === GO_MAX_TIME) return MAX_TIME_MS;
  return parseRfc3339(text);
}

/** RFC 3339 as milliseconds; null when it is none. */
export function parseRfc3339(text: string): number | null {
  if (!RFC3339.test(text)) return null;
  const timeMs = Date.parse(text.toUpperCase());
  return Number.isNaN(timeMs) ? null : timeMs;
}

/** Seconds as a number, or Prometheus' units (`1h30m`), as milliseconds. Null when it is neither. */
export function parseDuration(text: string): number | null {
  if (DECIMAL.test(text)) {
    const durationMs = Number(text) * 1000;
    return Math.abs(durationMs) < 9.2e15 ? durationMs : null;
  }
  return readDuration(text);
}

/** A time parameter; `fallback` when it is absent or empty. */
export function timeParameter(form: URLSearchParams, name: string, fallback: number): number {
  const text = form.get(name) ?? '';
  if (text === '') return fallback;
  const timeMs = parseTime(text);
  if (timeMs !== null) return timeMs;
  const message = `invalid time value for '${name}': cannot parse "${text}" to a valid timestamp`;
  throw PrometheusError.invalidParameter(name, message);
}

/** A time parameter that must be there. */
export function requiredTime(form: URLSearchParams, name: string): number {
  const text = form.get(name) ?? '';
  const timeMs = parseTime(text);
  if (timeMs === null) {
    throw PrometheusError.invalidParameter(name, `cannot parse "${text}" to a valid timestamp`);
  }
  return timeMs;
}

/** A duration parameter that must be there, milliseconds. */
export function requiredDuration(form: URLSearchParams, name: string): number {
  const text = form.get(name) ?? '';
  const durationMs = parseDuration(text);
  if (durationMs === null) {
    throw PrometheusError.invalidParameter(name, `cannot parse "${text}" to a valid duration`);
  }
  return durationMs;
}

/** A duration parameter, milliseconds, or null when absent. */
export function optionalDuration(form: URLSearchParams, name: string): number | null {
  return (form.get(name) ?? '') === '' ? null : requiredDuration(form, name);
}

/** `limit`: 0 means no limit. */
export function limitParameter(form: URLSearchParams): number {
  const text = form.get('limit') ?? '';
  if (text === '') return 0;
  if (!/^[+-]?\d+$/.test(text)) {
    throw PrometheusError.invalidParameter(
      'limit',
      `strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  }
  const limit = Number(text);
  if (limit < 0) throw PrometheusError.invalidParameter('limit', 'limit must be non-negative');
  return limit;
}
