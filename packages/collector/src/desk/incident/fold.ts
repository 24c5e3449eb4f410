import type { IncidentEvent } from './event.ts';
import { evolveIncident } from './evolve.ts';
import type { IncidentState } from './state.ts';

/** The state of an incident after more events. */
export function foldIncident(incident: IncidentState, events: readonly IncidentEvent[]): IncidentState {
  return events.reduce<IncidentState>(evolveIncident, incident);
}
