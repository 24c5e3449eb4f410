import { isOpen } from '../incident/state.ts';
import type { IncidentState } from '../incident/state.ts';

/** Open, or resolved and still to be closed: what time alone can change. */
export function isActive(incident: IncidentState): boolean {
  return isOpen(incident) || incident.state === 'resolved';
}

/**
 * Where an incident stands in lists, ascending: open ones first, by priority and then by the clock due next; the others
 * by the newest end. What is never due (paused, nothing promised) comes after what is.
 */
export function sortKey(incident: IncidentState): readonly [number, number, number] {
  if (!isOpen(incident)) return [1, 0, -(incident.resolvedAtMs ?? incident.closedAtMs ?? 0)];
  const own = incident.services.find(({ name }) => name === incident.service);
  const dueMs = [own?.response, own?.resolution].flatMap((clock) =>
    clock?.dueAtMs === undefined || clock.dueAtMs === null || clock.stoppedAtMs !== null
      ? []
      : [clock.dueAtMs],
  );
  return [0, Number(incident.priority.slice(1)), Math.min(Number.MAX_SAFE_INTEGER, ...dueMs)];
}
