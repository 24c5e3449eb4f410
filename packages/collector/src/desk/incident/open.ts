import { incidentEvent } from './event.ts';
import type { IncidentEvent, OpenedPayload } from './event.ts';

/** Opens an incident that was assembled from the catalogue. */
export function decideOpen(incident: OpenedPayload): IncidentEvent[] {
  return [incidentEvent('incident.opened', incident.openedAtMs, incident)];
}
