import { stopClock } from '../sla/clock.ts';
import { changeClocks } from './clocks.ts';
import { incidentEvent } from './event.ts';
import type { IncidentEvent } from './event.ts';
import { notNow } from './reject.ts';
import { isOpen } from './state.ts';
import type { IncidentState } from './state.ts';

/** Somebody has seen it: completes the response clock. Done already, it changes nothing. */
export function decideAcknowledge(
  incident: IncidentState,
  ask: { readonly note: string | null; readonly by: string | null },
  nowMs: number,
): IncidentEvent[] {
  if (!isOpen(incident)) throw notNow(incident, 'acknowledge', 'reopen it first');
  if (incident.state !== 'new') return [];
  return [
    incidentEvent('incident.acknowledged', nowMs, {
      note: ask.note,
      // Whoever acknowledges has it, until somebody is assigned.
      assignee: incident.assignee ?? ask.by,
      clocks: changeClocks(incident, ['response'], (clock, calendar) => stopClock(clock, calendar, nowMs)),
    }),
  ];
}
