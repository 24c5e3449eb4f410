import type { Incident, IncidentState, SlaClock } from '../api/types.ts';
import { instantOf } from './time.ts';

const openStates: ReadonlySet<IncidentState> = new Set(['new', 'acknowledged', 'in_progress', 'on_hold']);

export function isOpen(incident: Incident): boolean {
  return openStates.has(incident.state);
}

/** Whether a person resolved it while its condition held, and the condition has not cleared since. */
export function resolvedWhileFiring(incident: Pick<Incident, 'state' | 'firing'>): boolean {
  return incident.firing && incident.state === 'resolved';
}

/** When the condition held, epoch seconds; the end of one that was resolved by hand is its resolution. */
export function spanOf(incident: Incident): { readonly fromS: number; readonly toS: number | null } {
  const endMs = instantOf(incident.recoveredAt) ?? instantOf(incident.resolvedAt);
  return {
    fromS: (instantOf(incident.onsetAt) ?? 0) / 1000,
    toS: endMs === null ? null : endMs / 1000,
  };
}

/** The share of a clock's time that is used, 0..1. Working time stands still out of hours, so the lesser of both counts. */
export function shareUsed(clock: SlaClock, nowMs: number): number | null {
  const left = secondsLeft(clock, nowMs);
  if (left === null || !clock.target) return null;
  const workingLeft = Math.min(left, clock.remaining ?? left);
  return Math.min(1, Math.max(0, 1 - workingLeft / clock.target));
}

/** Seconds left on a clock at a moment; negative when late, null when it does not run. */
export function secondsLeft(clock: SlaClock | null | undefined, nowMs: number): number | null {
  if (!clock) return null;
  const dueMs = instantOf(clock.dueAt);
  // A paused clock has no due time that moves: what was left when it stopped is what is left.
  if (clock.state === 'paused' || dueMs === null) return clock.remaining;
  return clock.state === 'running' || clock.state === 'breached' ? (dueMs - nowMs) / 1000 : null;
}

export interface NextDue {
  readonly kind: 'response' | 'resolution';
  readonly clock: SlaClock;
}

/** The clock to look at: the response while it runs, then the resolution. */
export function nextDue(incident: Incident): NextDue | null {
  const { response, resolution } = incident.sla;
  if (!incident.acknowledgedAt && isTicking(response)) return { kind: 'response', clock: response };
  if (isTicking(resolution)) return { kind: 'resolution', clock: resolution };
  return null;
}

function isTicking(clock: SlaClock): boolean {
  return clock.state === 'running' || clock.state === 'paused' || clock.state === 'breached';
}

/** Open incidents as they should be worked on: by priority, then by what is due first. */
export function inWorkingOrder(incidents: readonly Incident[]): Incident[] {
  return incidents.toSorted((left, right) => {
    const byPriority = left.priority.localeCompare(right.priority);
    return byPriority !== 0 ? byPriority : dueOrLast(left) - dueOrLast(right);
  });
}

function dueOrLast(incident: Incident): number {
  return instantOf(nextDue(incident)?.clock.dueAt) ?? Number.MAX_SAFE_INTEGER;
}

/** Those a rule has opened; a rule is known by its file, its group and its name. */
export function incidentsOfRule<T extends Pick<Incident, 'rule'>>(
  incidents: readonly T[],
  group: { readonly file: string; readonly name: string },
  name: string,
): T[] {
  return incidents.filter(
    ({ rule }) => rule?.name === name && rule.group === group.name && rule.file === group.file,
  );
}

export function hostNames(incident: Incident): string[] {
  const names = incident.resources.map((resource) => resource.labels['instance'] ?? resource.name);
  return [...new Set(names)];
}

export function reference(number: number | string): string {
  return typeof number === 'number' ? `INC-${number}` : number;
}
