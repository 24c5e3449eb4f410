import type { ContinuityJson } from '../json/incident.ts';
import { rfc3339OrNull, secondsOrNull } from '../json/time.ts';
import type { ImpactedService, IncidentState } from './state.ts';

/**
 * The recovery objectives of one impacted service. The recovery time is the wall-clock time the condition truly held,
 * all intervals added up, never paused; it counts only while the service is unusable. What would be lost is counted
 * from the state the newest backup can restore to.
 */
export function continuityOf(
  incident: IncidentState,
  service: ImpactedService,
  nowMs: number,
): ContinuityJson {
  return { ...recoveryTime(incident, service, nowMs), ...recoveryPoint(incident, service) };
}

type RecoveryTime = Pick<ContinuityJson, 'rto' | 'rtoDueAt' | 'achievedRecovery' | 'rtoMet'>;

function recoveryTime(incident: IncidentState, { rtoMs }: ImpactedService, nowMs: number): RecoveryTime {
  if (!incident.outage || incident.unreachable) {
    return { rto: null, rtoDueAt: null, achievedRecovery: null, rtoMet: null };
  }
  const last = incident.impaired.at(-1);
  const earlierMs = incident.impaired
    .slice(0, -1)
    .reduce((sum, { fromMs, toMs }) => sum + (toMs ?? fromMs) - fromMs, 0);
  const dueAtMs = rtoMs === null || last === undefined ? null : last.fromMs + rtoMs - earlierMs;
  const endedAtMs = last?.toMs ?? null;
  const achievedMs = last === undefined || endedAtMs === null ? null : earlierMs + endedAtMs - last.fromMs;
  return {
    rto: secondsOrNull(rtoMs),
    rtoDueAt: rfc3339OrNull(dueAtMs),
    achievedRecovery: secondsOrNull(achievedMs),
    rtoMet: wasMet(dueAtMs, endedAtMs, nowMs),
  };
}

/** Not known while there is still time. */
function wasMet(dueAtMs: number | null, endedAtMs: number | null, nowMs: number): boolean | null {
  if (dueAtMs === null) return null;
  if (endedAtMs !== null) return endedAtMs <= dueAtMs;
  return nowMs > dueAtMs ? false : null;
}

function recoveryPoint(
  incident: IncidentState,
  { rpoMs, restorableToMs }: ImpactedService,
): Pick<ContinuityJson, 'rpo' | 'backupAgeAtOnset' | 'rpoMet'> {
  const rpo = secondsOrNull(rpoMs);
  if (rpoMs === null || restorableToMs === 'unknown') return { rpo, backupAgeAtOnset: null, rpoMet: null };
  if (restorableToMs === null) return { rpo, backupAgeAtOnset: null, rpoMet: false };
  const ageMs = Math.max(0, incident.onsetAtMs - restorableToMs);
  return { rpo, backupAgeAtOnset: ageMs / 1000, rpoMet: ageMs <= rpoMs };
}
