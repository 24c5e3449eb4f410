import { incidentEvent } from './event.ts';
import type { IncidentEvent } from './event.ts';
import { notNow } from './reject.ts';
import type { IncidentState } from './state.ts';

/** Ends a resolved incident for good: a later breach is a new occurrence. */
export function decideClose(incident: IncidentState, note: string | null, nowMs: number): IncidentEvent[] {
  if (incident.state === 'closed') return [];
  if (incident.state !== 'resolved') throw notNow(incident, 'close', 'resolve it first');
  return [incidentEvent('incident.closed', nowMs, { note })];
}
