import { priorityOf } from '../../catalogue/catalogue.ts';
import type { PriorityMatrix } from '../../catalogue/catalogue.ts';
import type { Level, Severity } from '../json/common.ts';
import { firstDue, retargetClocks } from './clocks.ts';
import { incidentEvent } from './event.ts';
import type { IncidentEvent } from './event.ts';
import { evolveIncident } from './evolve.ts';
import { notNow } from './reject.ts';
import { isOpen } from './state.ts';
import type { IncidentState } from './state.ts';

export interface Reprioritisation {
  readonly impact: Level;
  readonly urgency: Level;
  readonly note: string;
  readonly matrix: PriorityMatrix;
  /** Where a worse variant of the rule began. */
  readonly severity?: Severity;
}

/** Changes impact or urgency, and by them the priority: it is looked up, never typed. */
export function decideReprioritise(
  incident: IncidentState,
  ask: Reprioritisation,
  nowMs: number,
): IncidentEvent[] {
  if (!isOpen(incident)) throw notNow(incident, 'reprioritise', 'reopen it first');
  const { impact, urgency, note } = ask;
  const severity = ask.severity ?? incident.severity;
  if (impact === incident.impact && urgency === incident.urgency && severity === incident.severity) return [];
  const priority = priorityOf(ask.matrix, impact, urgency);
  const changed = incidentEvent('incident.reprioritised', nowMs, {
    impact,
    urgency,
    priority,
    severity,
    major: priority === 'P1',
    service: incident.service,
    note,
    clocks: retargetClocks(incident, priority, nowMs),
  });
  const service = firstDue(evolveIncident(incident, changed).services);
  return [{ ...changed, payload: { ...changed.payload, service } }];
}
