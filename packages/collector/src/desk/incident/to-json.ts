import type { TimelineItem } from '../json/common.ts';
import type { ClockJson, IncidentJson } from '../json/incident.ts';
import { rfc3339, rfc3339OrNull } from '../json/time.ts';
import { remainingAt } from '../sla/clock.ts';
import type { Clock } from '../sla/clock.ts';
import { continuityOf } from './continuity.ts';
import type { ClockKind } from './event.ts';
import { calendarOf, isFiring } from './state.ts';
import type { ImpactedService, IncidentState } from './state.ts';

/** What the JSON shows beside the incident's own state. */
export interface IncidentSurroundings {
  readonly timeline: readonly TimelineItem[];
  readonly knownErrors: IncidentJson['knownErrors'];
  readonly forecast: IncidentJson['forecast'];
  readonly nameOf: (personId: string) => string;
}

/** The contract's JSON of an incident as of `nowMs`: time left is worked out here, not stored. */
export function incidentJson(
  incident: IncidentState,
  { timeline, knownErrors, forecast, nameOf }: IncidentSurroundings,
  nowMs: number,
): IncidentJson {
  const services = incident.services.map((service) => serviceJson(incident, service, nowMs));
  const own = services.find(({ name }) => name === incident.service);
  if (own === undefined) throw new Error(`incident ${incident.id} lacks its service ${incident.service}`);
  return {
    ...stored(incident),
    services,
    owner: own.owner,
    tier: own.tier,
    agreed: own.agreed,
    calendar: own.calendar,
    resources: [...incident.resources],
    firing: isFiring(incident),
    onsetAt: rfc3339(incident.onsetAtMs),
    onsetUncertainty: incident.uncertaintyMs / 1000,
    detectedAt: rfc3339(incident.detectedAtMs),
    openedAt: rfc3339(incident.openedAtMs),
    acknowledgedAt: rfc3339OrNull(incident.acknowledgedAtMs),
    resolvedAt: rfc3339OrNull(incident.resolvedAtMs),
    recoveredAt: rfc3339OrNull(incident.recoveredAtMs),
    closedAt: rfc3339OrNull(incident.closedAtMs),
    assignee: incident.assignee === null ? null : nameOf(incident.assignee),
    hold:
      incident.hold === null
        ? null
        : { reason: incident.hold.reason, since: rfc3339(incident.hold.sinceMs), note: incident.hold.note },
    sla: own.sla,
    continuity: own.continuity,
    knownErrors,
    runbooks: [...incident.runbooks],
    suspectChanges: [],
    forecast,
    timeline: [...timeline],
  };
}

/** What the JSON shows as it is stored. */
function stored(incident: IncidentState) {
  return {
    id: incident.id,
    number: incident.number,
    state: incident.state,
    title: incident.title,
    description: incident.description,
    category: incident.category,
    severity: incident.severity,
    impact: incident.impact,
    urgency: incident.urgency,
    priority: incident.priority,
    service: incident.service,
    labels: incident.labels,
    annotations: incident.annotations,
    signature: incident.signature,
    occurrence: incident.occurrence,
    previous: incident.previous,
    major: incident.major,
    outage: incident.outage,
    unreachable: incident.unreachable,
    rule: incident.rule,
    expression: incident.expression,
    value: incident.value,
    threshold: incident.threshold,
    problem: incident.problem,
  };
}

function serviceJson(
  incident: IncidentState,
  service: ImpactedService,
  nowMs: number,
): IncidentJson['services'][number] {
  return {
    name: service.name,
    displayName: service.displayName,
    owner: service.owner,
    tier: service.tier,
    agreed: service.agreed,
    calendar: service.sla?.calendarNames[incident.priority] ?? null,
    sla: {
      response: clockJson(incident, service, 'response', nowMs),
      resolution: clockJson(incident, service, 'resolution', nowMs),
    },
    continuity: continuityOf(incident, service, nowMs),
  };
}

const NO_CLOCK: ClockJson = { target: null, dueAt: null, remaining: null, state: null };

function clockJson(
  incident: IncidentState,
  service: ImpactedService,
  kind: ClockKind,
  nowMs: number,
): ClockJson {
  const clock: Clock | null = service[kind];
  const calendar = calendarOf(service, incident.priority);
  if (clock === null || calendar === undefined) return NO_CLOCK;
  const late = clock.state === 'running' && clock.dueAtMs !== null && nowMs > clock.dueAtMs;
  return {
    target: clock.targetMs / 1000,
    dueAt: rfc3339OrNull(clock.dueAtMs),
    remaining: remainingAt(clock, calendar, nowMs) / 1000,
    // The event follows at the next tick; what is read must not lag behind it.
    state: late ? 'breached' : clock.state,
  };
}
