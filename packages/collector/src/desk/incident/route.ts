import type { BreachSignal } from '../signal.ts';
import { isOpen } from './state.ts';
import type { IncidentState } from './state.ts';

/** What a breach means for the newest incident of its signature. */
export type Route = 'ignore' | 'join' | 'reopen' | 'open';

/**
 * - no incident: open the first occurrence.
 * - open: join it (a breach it knows already changes nothing).
 * - the breach was evaluated before the recovery that ended it: late news, ignore.
 * - a person ended it while it fired: ignore until the condition clears or the suppression ends; a condition that
 *   never cleared then reopens it, since it is still the same one.
 * - resolved less than the grace ago: reopen. A grace of 0 never reopens.
 * - else: the next occurrence.
 */
export function routeBreach(
  latest: IncidentState | undefined,
  breach: Pick<BreachSignal, 'evaluatedAtMs'>,
  reopenGraceMs: number,
  nowMs: number,
): Route {
  if (latest === undefined) return 'open';
  if (isOpen(latest)) return 'join';
  if (latest.recoveryEvaluatedAtMs !== null && breach.evaluatedAtMs <= latest.recoveryEvaluatedAtMs) {
    return 'ignore';
  }
  if (latest.suppressedUntilMs !== null && nowMs < latest.suppressedUntilMs) return 'ignore';
  if (latest.state !== 'resolved' || latest.resolvedAtMs === null || reopenGraceMs === 0) return 'open';
  const neverCleared = latest.suppressedUntilMs !== null;
  return neverCleared || nowMs - latest.resolvedAtMs < reopenGraceMs ? 'reopen' : 'open';
}
