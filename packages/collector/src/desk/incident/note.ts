import { incidentEvent } from './event.ts';
import type { IncidentEvent } from './event.ts';

/** Adds to the timeline, in every state: what is learned after the end belongs there too. */
export function decideNote(text: string, nowMs: number): IncidentEvent[] {
  return [incidentEvent('incident.noted', nowMs, { text })];
}
