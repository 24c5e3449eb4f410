import type { PriorityMatrix } from '../../catalogue/catalogue.ts';
import type { Severity } from '../json/common.ts';
import type { Breach } from './command.ts';
import { incidentEvent } from './event.ts';
import type { IncidentEvent } from './event.ts';
import { foldIncident } from './fold.ts';
import { decideReprioritise } from './reprioritise.ts';
import type { IncidentState } from './state.ts';
import { urgencyOf } from './urgency.ts';

/**
 * A breach of an open incident. Known already, it changes nothing; another variant of the rule (warning beside
 * critical) joins it, and raises the urgency where it is worse.
 */
export function decideBreach(
  incident: IncidentState,
  ask: { readonly breach: Breach; readonly matrix: PriorityMatrix },
  nowMs: number,
): IncidentEvent[] {
  const { key, condition } = ask.breach;
  if (incident.conditions[key] !== undefined) return [];
  const began = [incidentEvent('incident.condition_began', condition.onsetAtMs, { key, condition })];
  if (!isWorse(condition.severity, incident.severity)) return began;
  const reprioritisation = {
    impact: incident.impact,
    urgency: urgencyOf(condition.severity),
    severity: condition.severity,
    note: `The rule now fires as ${condition.severity}.`,
    matrix: ask.matrix,
  };
  return [...began, ...decideReprioritise(foldIncident(incident, began), reprioritisation, nowMs)];
}

function isWorse(severity: Severity, than: Severity): boolean {
  return urgencyOf(severity) < urgencyOf(than);
}
