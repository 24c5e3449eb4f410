/** Samples of one batch: a few milliseconds of encoding, and what remote write receivers are tuned for. */
export const MAX_BATCH_SAMPLES = 10_000;

/** Bytes of the log that are worth a batch at once; less waits for more, milliseconds below. */
export const FULL_BATCH_BYTES = 64 * 1024;

/** What became durable is forwarded this much later at most: a request a second costs next to nothing. */
export const GATHER_MS = 1_000;

/** The longest one request may take before the server counts as frozen, milliseconds. */
export const WRITE_TIMEOUT_MS = 30_000;

/** Pauses between attempts, milliseconds: doubling from the first to the second, each shortened by up to half by chance. */
export const FIRST_RETRY_MS = 200;
export const LONGEST_RETRY_MS = 30_000;

/** How long a server may ask us to wait, milliseconds: more is taken for a mistake. */
export const LONGEST_RETRY_AFTER_MS = 300_000;

/** How long the start waits for the server; then forwarding goes on trying in the background, milliseconds. */
export const PROBE_AT_START_MS = 10_000;

/** The longest a probe in the background may take, milliseconds: a cluster shows new series after ten seconds. */
export const PROBE_TIMEOUT_MS = 30_000;

/** Requests spent on finding the series of one batch that the server will not take: some hundred bad ones are told apart. */
export const MAX_SPLIT_REQUESTS = 2_000;

/** How often the server is asked whether it still has what it took, and the place in the log is written down, milliseconds. */
export const SAVE_EVERY_MS = 5_000;

/** Bytes of the log read at once. */
export const LOG_READ_BYTES = 1024 * 1024;
