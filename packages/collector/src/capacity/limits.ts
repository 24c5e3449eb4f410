/** Bounds of capacity planning, each with its reason. */
export const LIMITS = {
  /** Hours of history kept for each filesystem: eight weekly cycles and some days, 12 KiB. */
  historyHours: 60 * 24,
  /** Filesystems watched; further ones are counted and logged. 120 MiB of history. */
  filesystems: 10_000,
  /** Milliseconds of samples asked of the store at once: a day of one host at ten seconds is 26,000 samples a disk. */
  readMs: 86_400_000,
  /** Milliseconds before the current hour that each refresh reads again, for frames that came late. */
  rereadMs: 3_600_000,
  /** Milliseconds without a sample, while its host has some, after which a filesystem counts as unmounted. */
  goneAfterMs: 86_400_000,
  /** Share of a processor that reading history may take: it must not delay frames and rules. */
  dutyCycle: 0.2,
  /** Milliseconds between refreshes: a disk's outlook does not change faster. */
  refreshMs: 600_000,
  /** Milliseconds between looks for hosts whose refresh is due, and between refreshes of a host with nothing to show. */
  pollMs: 1_000,
  /** Milliseconds a host is given to show its first filesystem. */
  newHostMs: 120_000,
  /** Days a plot looks ahead. */
  forecastDays: 90,
} as const;
