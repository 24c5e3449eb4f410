import type { HoldReason } from '../json/incident.ts';
import { pauseClock } from '../sla/clock.ts';
import { decideAcknowledge } from './acknowledge.ts';
import { changeClocks } from './clocks.ts';
import { incidentEvent } from './event.ts';
import type { IncidentEvent } from './event.ts';
import { foldIncident } from './fold.ts';
import { notNow } from './reject.ts';
import { isOpen } from './state.ts';
import type { IncidentState } from './state.ts';

/**
 * Waits for somebody else. Only the reasons named by a service's SLA pause its resolution clock: by default the
 * caller's, since a vendor's or a change's delay is not the customer's doing. The response clock never pauses; whoever
 * puts a new incident on hold has seen it.
 */
export function decideHold(
  incident: IncidentState,
  ask: { readonly reason: HoldReason; readonly note: string; readonly by: string | null },
  nowMs: number,
): IncidentEvent[] {
  if (!isOpen(incident)) throw notNow(incident, 'hold', 'reopen it first');
  if (incident.state === 'on_hold') throw notNow(incident, 'hold', 'resume it first');
  const seen = decideAcknowledge(incident, { note: null, by: ask.by }, nowMs);
  const clocks = changeClocks(foldIncident(incident, seen), ['resolution'], (clock, calendar, service) =>
    service.sla?.pausedBy.includes(ask.reason) === true ? pauseClock(clock, calendar, nowMs) : clock,
  );
  return [...seen, incidentEvent('incident.held', nowMs, { reason: ask.reason, note: ask.note, clocks })];
}
