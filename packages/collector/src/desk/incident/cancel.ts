import { cancelClock } from '../sla/clock.ts';
import { changeClocks } from './clocks.ts';
import { incidentEvent } from './event.ts';
import type { IncidentEvent } from './event.ts';
import { notNow } from './reject.ts';
import { SUPPRESSION_MS } from './resolve.ts';
import { isFiring, isOpen } from './state.ts';
import type { IncidentState } from './state.ts';

/** It was none: a false alarm, a test, a duplicate. */
export function decideCancel(incident: IncidentState, note: string, nowMs: number): IncidentEvent[] {
  if (incident.state === 'canceled') return [];
  if (!isOpen(incident)) throw notNow(incident, 'cancel', 'it has ended');
  const clocks = changeClocks(incident, ['response', 'resolution'], (clock, calendar) =>
    cancelClock(clock, calendar, nowMs),
  );
  const suppressedUntilMs = isFiring(incident) ? nowMs + SUPPRESSION_MS : null;
  return [incidentEvent('incident.canceled', nowMs, { note, suppressedUntilMs, clocks })];
}
