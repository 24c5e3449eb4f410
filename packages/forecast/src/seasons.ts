import { SECONDS_PER_DAY } from './daily-maximum.ts';

const DAYS_PER_WEEK = 7;

/** Lengths of the cycles a series may have, in steps; 1 where there is none. */
export interface Seasons {
  readonly short: number;
  readonly long: number;
}

/**
 * A day and a week for steps below a day, a week for daily values, none for longer steps.
 *
 * @param season the short cycle in steps, when the caller knows it; the long one is then seven of it
 */
export function seasonsOf(stepSeconds: number, season?: number): Seasons {
  if (season !== undefined) return { short: season, long: season > 1 ? season * DAYS_PER_WEEK : 1 };
  const perDay = Math.round(SECONDS_PER_DAY / stepSeconds);
  if (perDay >= 2) return { short: perDay, long: perDay * DAYS_PER_WEEK };
  if (perDay === 1) return { short: DAYS_PER_WEEK, long: 1 };
  return { short: 1, long: 1 };
}

/** What an autoregression looks back at: the last steps, and both cycles with their neighbours. */
export function lagsOf({ short, long }: Seasons): readonly number[] {
  return [...new Set([1, 2, 3, ...around(short), ...around(long)])].sort((a, b) => a - b);
}

function around(season: number): number[] {
  return season > 1 ? [season - 1, season, season + 1] : [];
}
