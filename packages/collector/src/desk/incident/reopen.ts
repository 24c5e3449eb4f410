import { restartClock } from '../sla/clock.ts';
import { changeClocks } from './clocks.ts';
import type { Breach } from './command.ts';
import { incidentEvent } from './event.ts';
import type { IncidentEvent } from './event.ts';
import { notNow } from './reject.ts';
import { isFiring } from './state.ts';
import type { IncidentState } from './state.ts';

/**
 * Takes a resolved incident up again, by a new breach or by hand. Its clocks go on, and the time it was resolved counts
 * as a pause; the response clock goes on only where nobody had responded.
 */
export function decideReopen(
  incident: IncidentState,
  ask: { readonly note: string | null; readonly breach: Breach | null },
  nowMs: number,
): IncidentEvent[] {
  const { breach, note } = ask;
  if (incident.state !== 'resolved') throw notNow(incident, 'reopen', 'only a resolved one can be reopened');
  const kinds =
    incident.acknowledgedAtMs === null ? (['response', 'resolution'] as const) : (['resolution'] as const);
  return [
    incidentEvent('incident.reopened', nowMs, {
      how: breach === null ? 'manual' : 'breach',
      note,
      state: incident.acknowledgedAtMs === null ? 'new' : 'in_progress',
      condition: breach === null ? null : { key: breach.key, condition: breach.condition },
      // A condition that never cleared goes on in its interval.
      onsetAtMs: breach === null || isFiring(incident) ? null : breach.condition.onsetAtMs,
      value: breach?.value ?? null,
      clocks: changeClocks(incident, kinds, (clock, calendar) => restartClock(clock, calendar, nowMs)),
    }),
  ];
}
