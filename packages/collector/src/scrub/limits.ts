/** Limits of the background scrub; tests turn them. */
export interface ScrubLimits {
  /** Until the first pass of a run, milliseconds: a start has enough to read. */
  readonly firstPassMs: number;
  /** From the beginning of one pass to that of the next, milliseconds: what rots is to be found within a day. */
  readonly intervalMs: number;
  /** Read at most, bytes a second: a tenth of what a slow SSD reads, and a terabyte still takes no longer than nine hours. */
  readonly bytesPerSecond: number;
  /** Between two looks at what seems damaged, milliseconds: longer than a checkpoint needs to write its pages. */
  readonly confirmPauseMs: number;
}

export const SCRUB_LIMITS: ScrubLimits = {
  firstPassMs: 5 * 60 * 1000,
  intervalMs: 24 * 60 * 60 * 1000,
  bytesPerSecond: 32 * 1024 * 1024,
  confirmPauseMs: 2000,
};

/** Read at a time, bytes: a multiple of every page size that takes a tenth of a millisecond to check. */
export const PART_BYTES = 256 * 1024;

/** Further looks at what seems damaged; all have to find the same. */
export const CONFIRMATIONS = 2;

/** Attempts to look at a file while its checksums stay as they are; one that is written all the time waits for the next pass. */
export const STEADY_ATTEMPTS = 5;

/** Time to find out which series a damage touches, milliseconds; after it the kind of file has to do. */
export const DESCRIBE_TIMEOUT_MS = 120_000;

/** Damaged files that the status lists: one screen; the metrics count all. */
export const MAX_FILES_LISTED = 20;
