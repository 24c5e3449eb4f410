/** Sealed data is organised in windows of this length, aligned to the Unix epoch. */
export const WINDOW_MS = 2 * 3600 * 1000;
export const DAY_MS = 24 * 3600 * 1000;

export function windowStart(timestampMs: number): number {
  return Math.floor(timestampMs / WINDOW_MS) * WINDOW_MS;
}

export function dayStart(timestampMs: number): number {
  return Math.floor(timestampMs / DAY_MS) * DAY_MS;
}
