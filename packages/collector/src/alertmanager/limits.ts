/** Limits of what other monitors may make the collector keep, and the times Alertmanager's protocol rests on. */

/** Alerts other servers may have firing here at once: an estate in flames has a few thousand. */
export const MAX_EXTERNAL_ALERTS = 50_000;

/** Labels and annotations of one alert, characters: more than any template writes, and it goes into the journal. */
export const MAX_ALERT_CHARACTERS = 64 * 1024;

/** An alert posted without an end is over after this long without being posted again, milliseconds: Alertmanager's default. */
export const RESOLVE_TIMEOUT_MS = 5 * 60_000;

/** Firing alerts are sent again this often, milliseconds: Prometheus' default. */
export const RESEND_DELAY_MS = 60_000;

/** Sent alerts end by themselves after so many resends that never came: Prometheus' factor. */
export const LIVE_RESENDS = 4;

/** Resolved alerts are told again for this long, milliseconds: as Prometheus does, a lost message must not page for ever. */
export const RESOLVED_RETENTION_MS = 15 * 60_000;

/** Alerts of one request to an Alertmanager: Prometheus' batch. */
export const MAX_PUSH_BATCH = 64;

/** Wait before a failed push is tried again, milliseconds. */
export const PUSH_RETRY_MS = 5_000;

/** Silences kept, expired ones included: people make tens, scripts a few thousand. */
export const MAX_SILENCES = 10_000;

/** Characters of a silence's JSON: matchers, author and comment. */
export const MAX_SILENCE_CHARACTERS = 32 * 1024;

/** Expired silences stay listed for this long, milliseconds: Alertmanager's default retention. */
export const SILENCE_RETENTION_MS = 120 * 3_600_000;
