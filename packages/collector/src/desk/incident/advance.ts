import { dueClockEvents, nextClockEventMs } from './clocks.ts';
import { decideClose } from './close.ts';
import type { IncidentEvent } from './event.ts';
import { isOpen } from './state.ts';
import type { IncidentState } from './state.ts';

/** What the passing of time brings: warnings and breaches of clocks, and the closing of what stayed resolved. */
export function decideAdvance(incident: IncidentState, closeAfterMs: number, nowMs: number): IncidentEvent[] {
  if (isOpen(incident)) return dueClockEvents(incident, nowMs);
  const closesAtMs = closingTimeMs(incident, closeAfterMs);
  return closesAtMs !== null && closesAtMs <= nowMs ? decideClose(incident, null, closesAtMs) : [];
}

/** The earliest instant at which `decideAdvance` has something to say; null when it never will. */
export function nextAdvanceMs(incident: IncidentState, closeAfterMs: number): number | null {
  return isOpen(incident) ? nextClockEventMs(incident) : closingTimeMs(incident, closeAfterMs);
}

function closingTimeMs(incident: IncidentState, closeAfterMs: number): number | null {
  if (incident.state !== 'resolved' || incident.resolvedAtMs === null) return null;
  // What a person resolved while it fired stays in sight until that is over.
  return Math.max(incident.resolvedAtMs + closeAfterMs, incident.suppressedUntilMs ?? 0);
}
