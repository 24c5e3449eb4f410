import { resumeClock } from '../sla/clock.ts';
import { changeClocks } from './clocks.ts';
import { incidentEvent } from './event.ts';
import type { IncidentEvent } from './event.ts';
import { notNow } from './reject.ts';
import type { IncidentState } from './state.ts';

/** Work goes on; due times move by the working time paused. */
export function decideResume(incident: IncidentState, nowMs: number): IncidentEvent[] {
  if (incident.state !== 'on_hold') throw notNow(incident, 'resume', 'only one on hold can be resumed');
  const clocks = changeClocks(incident, ['resolution'], (clock, calendar) =>
    resumeClock(clock, calendar, nowMs),
  );
  return [incidentEvent('incident.resumed', nowMs, { clocks })];
}
