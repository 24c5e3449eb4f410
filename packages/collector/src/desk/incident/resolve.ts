import { stopClock } from '../sla/clock.ts';
import { decideAcknowledge } from './acknowledge.ts';
import { changeClocks } from './clocks.ts';
import { incidentEvent } from './event.ts';
import type { IncidentEvent } from './event.ts';
import { foldIncident } from './fold.ts';
import { notNow } from './reject.ts';
import { isFiring, isOpen } from './state.ts';
import type { IncidentState } from './state.ts';

/** How long breaches do not reopen what a person ended while it fired, unless the condition clears before. */
export const SUPPRESSION_MS = 3_600_000;

/** A person declares it solved. While the condition still holds that needs a reason. */
export function decideResolve(
  incident: IncidentState,
  ask: { readonly note: string | null; readonly by: string | null },
  nowMs: number,
): IncidentEvent[] {
  if (incident.state === 'resolved') return [];
  if (!isOpen(incident)) throw notNow(incident, 'resolve', 'it has ended');
  const firing = isFiring(incident);
  if (firing && ask.note === null) {
    throw notNow(incident, 'resolve', 'its condition still holds, so say in a note why it is solved');
  }
  const seen = decideAcknowledge(incident, { note: null, by: ask.by }, nowMs);
  const clocks = changeClocks(foldIncident(incident, seen), ['response', 'resolution'], (clock, calendar) =>
    stopClock(clock, calendar, nowMs),
  );
  const suppressedUntilMs = firing ? nowMs + SUPPRESSION_MS : null;
  const resolved = { how: 'manual', note: ask.note, suppressedUntilMs, clocks } as const;
  return [...seen, incidentEvent('incident.resolved', nowMs, resolved)];
}
