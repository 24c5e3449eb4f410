/** A time in milliseconds as RFC 3339 in UTC, without fractions of a second. */
export function formatTime(timeMs: number): string {
  return new Date(Math.trunc(timeMs / 1000) * 1000).toISOString().replace('.000Z', 'Z');
}
