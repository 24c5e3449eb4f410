import type { Calendar } from '../../catalogue/catalogue.ts';
import type { Priority } from '../json/common.ts';
import { breachClock, nextThreshold, retargetClock, startClock, warnClock } from '../sla/clock.ts';
import type { Clock } from '../sla/clock.ts';
import { incidentEvent } from './event.ts';
import type { ClockChange, ClockKind, IncidentEvent } from './event.ts';
import { calendarOf } from './state.ts';
import type { ImpactedService, IncidentState } from './state.ts';

const CLOCK_KINDS = ['response', 'resolution'] as const satisfies readonly ClockKind[];

/** The clocks of all impacted services after `change`; those it leaves as they are do not appear. */
export function changeClocks(
  incident: IncidentState,
  kinds: readonly ClockKind[],
  change: (clock: Clock, calendar: Calendar, service: ImpactedService) => Clock,
): ClockChange[] {
  const changes: ClockChange[] = [];
  for (const service of incident.services) {
    const calendar = calendarOf(service, incident.priority);
    if (calendar === undefined) continue;
    for (const kind of kinds) {
      const before = service[kind];
      if (before === null) continue;
      const clock = change(before, calendar, service);
      if (clock !== before) changes.push({ service: service.name, kind, clock });
    }
  }
  return changes;
}

/** The service with its clocks started for a priority, as far as it has targets. */
export function withStartedClocks(
  service: Omit<ImpactedService, 'response' | 'resolution'>,
  priority: Priority,
  startedAtMs: number,
): ImpactedService {
  const start = (kind: ClockKind): Clock | null => {
    const targetMs = service.sla?.[kind][priority];
    const calendar = calendarOf(service, priority);
    if (calendar === undefined || targetMs === undefined) return null;
    return startClock(calendar, targetMs, startedAtMs);
  };
  return { ...service, response: start('response'), resolution: start('resolution') };
}

/** The clocks for another priority: those that run carry the pauses taken, one that had no target starts at opening. */
export function retargetClocks(incident: IncidentState, priority: Priority, nowMs: number): ClockChange[] {
  return incident.services.flatMap((service) =>
    CLOCK_KINDS.flatMap((kind) => {
      const targetMs = service.sla?.[kind][priority];
      const clock = service[kind];
      // A clock whose new priority has no target keeps the promise made before.
      const calendar = calendarOf(service, priority);
      if (calendar === undefined || targetMs === undefined) return [];
      if (clock === null && kind === 'response' && incident.acknowledgedAtMs !== null) return [];
      const moved =
        clock === null
          ? startClock(calendar, targetMs, incident.openedAtMs)
          : retargetClock(clock, calendar, targetMs, nowMs);
      return moved === clock ? [] : [{ service: service.name, kind, clock: moved }];
    }),
  );
}

/** Name of the service due first: by resolution, then by response, then by the catalogue's order. */
export function firstDue(services: readonly ImpactedService[]): string {
  const [first] = services.toSorted(
    (a, b) => dueMs(a, 'resolution') - dueMs(b, 'resolution') || dueMs(a, 'response') - dueMs(b, 'response'),
  );
  if (first === undefined) throw new Error('an incident impacts at least one service');
  return first.name;
}

/** Clocks without a due time come last; a finite number, so that two of them compare as equal. */
function dueMs(service: ImpactedService, kind: ClockKind): number {
  return service[kind]?.dueAtMs ?? Number.MAX_SAFE_INTEGER;
}

interface Threshold {
  readonly service: string;
  readonly kind: ClockKind;
  readonly clock: Clock;
  readonly calendar: Calendar;
  readonly atMs: number;
  readonly percent: number;
}

function thresholds(incident: IncidentState): Threshold[] {
  return incident.services.flatMap((service) => {
    const calendar = calendarOf(service, incident.priority);
    if (calendar === undefined) return [];
    return CLOCK_KINDS.flatMap((kind) => {
      const clock = service[kind];
      const next = clock === null ? null : nextThreshold(clock, calendar);
      return clock === null || next === null
        ? []
        : [{ service: service.name, kind, clock, calendar, ...next }];
    });
  });
}

/** When a clock of the incident next has something to tell; null when none will. */
export function nextClockEventMs(incident: IncidentState): number | null {
  const times = thresholds(incident).map(({ atMs, percent }) => (percent === 100 ? atMs + 1 : atMs));
  return times.length === 0 ? null : Math.min(...times);
}

/**
 * The warnings and breaches due at an instant, dated when they were due. Where several warnings of a clock are due at
 * once only the highest is told.
 */
export function dueClockEvents(incident: IncidentState, nowMs: number): IncidentEvent[] {
  return thresholds(incident)
    .flatMap((threshold) => dueOf(threshold, nowMs))
    .toSorted((a, b) => a.occurredAtMs - b.occurredAtMs);
}

function dueOf(first: Threshold, nowMs: number): IncidentEvent[] {
  const { service, kind, calendar } = first;
  let warning: Threshold | null = null;
  let next: Threshold | null = first;
  // At the due time itself the promise is still kept.
  while (next !== null && next.percent < 100 && next.atMs <= nowMs) {
    warning = { ...next, clock: warnClock(next.clock, next.percent) };
    const following = nextThreshold(warning.clock, calendar);
    next = following === null ? null : { ...warning, ...following };
  }
  if (next !== null && next.percent === 100 && next.atMs < nowMs) {
    const clocks = [{ service, kind, clock: breachClock(next.clock) }];
    return [incidentEvent('incident.sla_breached', next.atMs, { service, clock: kind, clocks })];
  }
  if (warning === null) return [];
  const { percent, clock, atMs } = warning;
  const clocks = [{ service, kind, clock }];
  return [incidentEvent('incident.sla_warned', atMs, { service, clock: kind, percent, clocks })];
}
