import { isOpen } from './incident/state.ts';
import type { IncidentState } from './incident/state.ts';
import type { ServiceStateName } from './json/service.ts';
import type { OperationContext, Staging } from './staging.ts';

/** What a service's open incidents make of it; of the down ones the first to begin counts, likewise of the others. */
export function serviceStateOf(
  service: string,
  incidents: Iterable<IncidentState>,
): { readonly state: ServiceStateName; readonly sinceMs: number | null } {
  const down: number[] = [];
  const degraded: number[] = [];
  const unknown: number[] = [];
  for (const incident of incidents) {
    if (!isOpen(incident) || !incident.services.some(({ name }) => name === service)) continue;
    const sinceMs = incident.impaired.at(-1)?.fromMs ?? incident.onsetAtMs;
    const group = incident.unreachable ? unknown : incident.outage ? down : degraded;
    group.push(sinceMs);
  }
  if (down.length > 0) return { state: 'down', sinceMs: Math.min(...down) };
  if (unknown.length > 0) return { state: 'unknown', sinceMs: Math.min(...unknown) };
  if (degraded.length > 0) return { state: 'degraded', sinceMs: Math.min(...degraded) };
  return { state: 'up', sinceMs: null };
}

/**
 * Journals the state changes of the services whose incidents an operation touched, dated by the raw condition: later
 * reports of availability are made of these intervals.
 */
export function recordServiceStates(staging: Staging, context: OperationContext): void {
  const touched = new Set(
    staging.incidents.values().flatMap(({ services }) => services.map(({ name }) => name)),
  );
  for (const service of touched) {
    const aggregate = `service/${service}`;
    const before = staging.entity(aggregate);
    const { state, sinceMs } = serviceStateOf(service, staging.activeIncidents());
    if (before?.type === `service.${state}`) continue;
    const recoveredMs = staging.incidents
      .values()
      .filter(({ services }) => services.some(({ name }) => name === service))
      .reduce((latest, { recoveredAtMs }) => Math.max(latest, recoveredAtMs ?? 0), 0);
    // An interval cannot begin before the one it ends.
    const atMs = Math.max(before?.atMs ?? 0, sinceMs ?? (recoveredMs === 0 ? staging.nowMs : recoveredMs));
    staging.recordEntity(
      aggregate,
      { type: `service.${state}`, schemaVersion: 1, occurredAtMs: atMs, payload: { service } },
      context,
    );
  }
}
