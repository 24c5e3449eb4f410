import { cancelClock, stopClock } from '../sla/clock.ts';
import { changeClocks } from './clocks.ts';
import { incidentEvent } from './event.ts';
import type { IncidentEvent } from './event.ts';
import { isOpen } from './state.ts';
import type { IncidentState } from './state.ts';

export interface Recovery {
  readonly key: string;
  readonly recoveredAtMs: number;
  readonly evaluatedAtMs: number;
  readonly uncertaintyMs: number;
}

/**
 * A condition ended. When it was the last, the incident has recovered and, unless people ended it before, is resolved.
 * A response clock that still ran is canceled: nobody was needed, so it counts neither as met nor as missed.
 */
export function decideRecover(incident: IncidentState, recovery: Recovery, nowMs: number): IncidentEvent[] {
  const { key, evaluatedAtMs, uncertaintyMs } = recovery;
  const condition = incident.conditions[key];
  if (condition === undefined || evaluatedAtMs < condition.evaluatedAtMs) return [];
  if (Object.keys(incident.conditions).length > 1) {
    return [incidentEvent('incident.condition_ended', recovery.recoveredAtMs, { key, evaluatedAtMs })];
  }
  const recovered = { evaluatedAtMs, uncertaintyMs };
  const events: IncidentEvent[] = [incidentEvent('incident.recovered', recovery.recoveredAtMs, recovered)];
  if (!isOpen(incident)) return events;
  const clocks = [
    ...changeClocks(incident, ['response'], (clock, calendar) => cancelClock(clock, calendar, nowMs)),
    ...changeClocks(incident, ['resolution'], (clock, calendar) => stopClock(clock, calendar, nowMs)),
  ];
  const resolved = { how: 'recovery', note: null, suppressedUntilMs: null, clocks } as const;
  return [...events, incidentEvent('incident.resolved', nowMs, resolved)];
}
