/** Limits of the HTTP API: each is a number that a client could otherwise drive without bound. */

/** Body of a form-encoded query, bytes. Prometheus takes Go's default of 10 MiB; 1 MiB holds any query a person or Grafana writes. */
export const MAX_FORM_BYTES = 1024 * 1024;

/** Body of one of our JSON writes, bytes: a long note is a few KiB. */
export const MAX_JSON_BYTES = 256 * 1024;

/** Points per series of a range query, as in Prometheus: 60 s resolution for a week. */
export const MAX_RANGE_POINTS = 11_000;

/** Warnings, and infos, of one answer, as in Prometheus. */
export const MAX_NOTES = 10;

/** Queries evaluated at once, as in Prometheus: each may hold millions of samples. */
export const MAX_CONCURRENT_QUERIES = 20;

/** Queries waiting for their turn; a dashboard opened by ten people asks fewer. */
export const MAX_QUEUED_QUERIES = 1_000;

/** Compressed body of a remote write, bytes. Senders batch 2,000 samples: about 100 KiB. */
export const MAX_REMOTE_WRITE_BYTES = 8 * 1024 * 1024;

/** The same body decompressed, bytes: bounds what a crafted body can make us allocate. */
export const MAX_REMOTE_WRITE_DECODED_BYTES = 64 * 1024 * 1024;

/** Samples of one remote write request. */
export const MAX_REMOTE_WRITE_SAMPLES = 500_000;

/** Body of a remote read, compressed and not, bytes: a few matchers. */
export const MAX_REMOTE_READ_BYTES = 1024 * 1024;

/** Samples of one answer to a remote read: about 100 MiB before compression. */
export const MAX_REMOTE_READ_SAMPLES = 5_000_000;

/** Body of posted alerts, bytes: Prometheus sends 64 alerts a request. */
export const MAX_ALERTS_BYTES = 8 * 1024 * 1024;

/** Events waiting for one slow client of the event stream; at most a few seconds of a busy desk. */
export const MAX_EVENT_QUEUE = 256;

/** Clients of the event stream at once. A browser keeps one for each tab. */
export const MAX_EVENT_CLIENTS = 200;

/** Milliseconds between comments that keep proxies from closing a quiet event stream. */
export const EVENT_HEARTBEAT_MS = 15_000;

/** HTTP connections at once: leaves file descriptors for agents and files within the usual 1,024. */
export const MAX_HTTP_CONNECTIONS = 600;

/** Items of a list when the client does not say, and at most. */
export const DEFAULT_PAGE_ITEMS = 100;
export const MAX_PAGE_ITEMS = 1_000;

/** Answers shorter than this, bytes, are not worth compressing. */
export const MIN_GZIP_BYTES = 1_024;
