import { incidentEvent } from './event.ts';
import type { IncidentEvent } from './event.ts';
import type { IncidentState, Interval } from './state.ts';

/**
 * Backfill proved that the host ran between two instants: that time is unknown, not down. When nothing but the
 * uncertainty of the onset is left of its downtime, the incident is one of a host that could not be reached.
 */
export function decideReclassify(
  incident: IncidentState,
  proof: { readonly fromMs: number; readonly toMs: number },
  nowMs: number,
): IncidentEvent[] {
  if (!incident.outage) return [];
  const impaired = incident.impaired.flatMap((interval) => without(interval, proof));
  if (JSON.stringify(impaired) === JSON.stringify(incident.impaired)) return [];
  const leftMs = impaired.reduce((sum, { fromMs, toMs }) => sum + ((toMs ?? nowMs) - fromMs), 0);
  const unreachable = leftMs <= incident.uncertaintyMs;
  return [incidentEvent('incident.reclassified', nowMs, { ...proof, impaired, unreachable })];
}

function without(interval: Interval, proof: { fromMs: number; toMs: number }): Interval[] {
  const toMs = interval.toMs ?? Infinity;
  if (proof.toMs <= interval.fromMs || proof.fromMs >= toMs) return [interval];
  const left: Interval[] = [];
  if (interval.fromMs < proof.fromMs) left.push({ fromMs: interval.fromMs, toMs: proof.fromMs });
  if (proof.toMs < toMs) left.push({ fromMs: proof.toMs, toMs: interval.toMs });
  return left;
}
