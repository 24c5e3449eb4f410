import { parseDuration } from '@plimsoll/promql';
import { UsageError } from './exit-code.ts';

/**
 * A time as people write it, as seconds since 1970: RFC 3339, such seconds, or how long ago. Throws UsageError for
 * anything else.
 */
export function readTime(time: string, nowS: number): number {
  // A bare number is a time; a duration has a unit behind each number.
  if (/^-?(?:\d+[a-z]+)+$/.test(time)) return nowS - durationS(time.replace('-', ''));
  const value = Number.isFinite(Number(time)) ? Number(time) : Date.parse(time) / 1000;
  if (Number.isNaN(value))
    throw new UsageError(
      `"${time}" is no time: write RFC 3339, seconds since 1970, or 5m for five minutes ago`,
    );
  return value;
}

function durationS(written: string): number {
  try {
    return parseDuration(written) / 1000;
  } catch (error) {
    throw new UsageError(
      `"${written}" is no duration: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
