import { parseDuration } from '@plimsoll/promql';

/** Powers of 1024 for KB and KiB alike: that is how Prometheus reads its sizes. */
const SIZE_UNITS = ['B', 'K', 'M', 'G', 'T', 'P'];
const SIZE = /^(\d+(?:\.\d+)?)\s*(?:B|([KMGTP])i?B)$/i;

/** A duration in Prometheus' notation (`15m`, `1h30m`, `0`) as milliseconds; null when it is none. */
export function readDuration(text: string): number | null {
  try {
    return parseDuration(text);
  } catch {
    return null;
  }
}

/** A size such as `512MB` or `10GiB` as bytes; null when it is none. */
export function readSize(text: string): number | null {
  const match = SIZE.exec(text.trim());
  if (match === null) return null;
  const power = match[2] === undefined ? 0 : SIZE_UNITS.indexOf(match[2].toUpperCase());
  const bytes = Math.round(Number(match[1]) * 1024 ** power);
  return Number.isSafeInteger(bytes) ? bytes : null;
}
