/** A time as the API tells it. */
export function rfc3339(ms: number): string {
  return new Date(ms).toISOString();
}

export function rfc3339OrNull(ms: number | null): string | null {
  return ms === null ? null : rfc3339(ms);
}

/** Durations are seconds in the API. */
export function secondsOrNull(ms: number | null): number | null {
  return ms === null ? null : ms / 1000;
}
