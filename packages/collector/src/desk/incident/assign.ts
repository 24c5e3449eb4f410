import { incidentEvent } from './event.ts';
import type { IncidentEvent } from './event.ts';
import { notNow } from './reject.ts';
import { isOpen } from './state.ts';
import type { IncidentState } from './state.ts';

/** Gives it to somebody. A new incident stays new: being assigned is not having seen it. */
export function decideAssign(incident: IncidentState, assignee: string, nowMs: number): IncidentEvent[] {
  if (!isOpen(incident)) throw notNow(incident, 'assign', 'reopen it first');
  const state = incident.state === 'acknowledged' ? 'in_progress' : incident.state;
  if (assignee === incident.assignee && state === incident.state) return [];
  return [incidentEvent('incident.assigned', nowMs, { assignee, state })];
}
