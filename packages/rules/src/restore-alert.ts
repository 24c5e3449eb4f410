import type { AlertState } from './alert-state.ts';

/** How long a restart may take for pending time to be carried over, milliseconds. Prometheus' default. */
export const OUTAGE_TOLERANCE_MS = 3_600_000;
/** After a restart an alert stays pending at least this long, milliseconds. Prometheus' default. */
const FOR_GRACE_PERIOD_MS = 600_000;

/** The newest sample of ALERTS_FOR_STATE from before the restart. */
export interface ForStateSample {
  readonly timestampMs: number;
  /** Seconds since the epoch at which the alert became active. */
  readonly value: number;
}

/**
 * An alert seen again after a restart, with the pending time it had before. The time between is not counted: it is
 * unknown. An alert whose `for` is under the grace period waits afresh, as in Prometheus.
 */
export function restoreAlert(
  alert: AlertState,
  stored: ForStateSample,
  forMs: number,
  atMs: number,
): AlertState {
  if (forMs < FOR_GRACE_PERIOD_MS) return alert;
  const storedActiveAtMs = Math.trunc(stored.value) * 1000;
  const remainingMs = forMs - (stored.timestampMs - storedActiveAtMs);
  if (remainingMs <= 0) return { ...alert, activeAtMs: storedActiveAtMs };
  const activeAtMs =
    remainingMs < FOR_GRACE_PERIOD_MS
      ? atMs + FOR_GRACE_PERIOD_MS - forMs
      : storedActiveAtMs + (atMs - stored.timestampMs);
  return { ...alert, activeAtMs };
}
