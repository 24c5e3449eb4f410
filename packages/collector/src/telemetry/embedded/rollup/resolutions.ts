const MINUTE_MS = 60_000;

export type ResolutionName = '5m' | '1h';

/** A size of buckets that is kept. Each divides a day, and the greater is a multiple of the smaller. */
export interface Resolution {
  readonly name: ResolutionName;
  readonly ms: number;
  /** What the name of a file says of its time: a month or a year. */
  readonly dateLength: number;
}

export const FINE: Resolution = { name: '5m', ms: 5 * MINUTE_MS, dateLength: 'YYYY-MM'.length };
export const COARSE: Resolution = { name: '1h', ms: 60 * MINUTE_MS, dateLength: 'YYYY'.length };
export const RESOLUTIONS: readonly Resolution[] = [FINE, COARSE];
