/** Where a Prometheus-compatible server is, and how to speak to it. */
export interface RemoteOptions {
  /** Takes remote writes, such as http://victoria:8428/api/v1/write. */
  readonly writeUrl: string;
  /** What `/api/v1/...` of the querying side is appended to, such as http://victoria:8428. */
  readonly queryUrl: string;
  /** Sent with every request: tenant, authorisation. Never shown. */
  readonly headers: Readonly<Record<string, string>>;
  /** Names this collector in the canary series. */
  readonly collector: string;
}

/** The largest answer that is read, bytes: ten million samples where they are numbers in words. */
export const MAX_ANSWER_BYTES = 512 * 1024 * 1024;

/** Samples one read may hold: as many as a query of PromQL may. */
export const MAX_READ_SAMPLES = 50_000_000;

/** An answer to a write has no content; more than this is not one. */
export const MAX_WRITE_ANSWER_BYTES = 64 * 1024;

/** A server's own words in our messages, characters. */
export const MAX_SERVER_MESSAGE = 300;

/** The series that probe and heartbeats write; nobody's telemetry. */
export const CANARY = 'plimsoll_canary';

/** Heartbeat series: in a cluster of three nodes all have one of eight in nine cases of ten. */
export const CANARY_SERIES = 8;

/** How long after it was taken a sample must be visible, milliseconds: a new series of a VictoriaMetrics cluster takes ten seconds. */
export const VISIBLE_AFTER_MS = 20_000;

/** How often the canary is looked for until it shows, milliseconds. */
export const CANARY_POLL_MS = 200;

/** Encoded label sets kept for the next batch, bytes. */
export const LABEL_CACHE_BYTES = 32 * 1024 * 1024;

/**
 * VictoriaMetrics writes what it took to its disk within some five seconds, Prometheus leaves its log to the kernel, which
 * writes after half a minute.
 */
export const REMOTE_SETTLE_MS = 60_000;
