import { toWorkingTime } from '../../catalogue/business-time.ts';
import { PRIORITIES, priorityOf } from '../../catalogue/catalogue.ts';
import type { Calendar, Catalogue, Service, Targets } from '../../catalogue/catalogue.ts';
import type { Level, Priority, Severity } from '../json/common.ts';
import { firstDue, withStartedClocks } from './clocks.ts';
import type { OpenedPayload } from './event.ts';
import type { ImpactedService } from './state.ts';
import { impactOf, urgencyOf } from './urgency.ts';

/** What an opening starts from, beside the catalogue. */
export interface Opening extends Pick<
  OpenedPayload,
  | 'id'
  | 'number'
  | 'title'
  | 'description'
  | 'category'
  | 'severity'
  | 'resources'
  | 'labels'
  | 'annotations'
  | 'signature'
  | 'occurrence'
  | 'previous'
  | 'conditions'
  | 'onsetAtMs'
  | 'uncertaintyMs'
  | 'detectedAtMs'
  | 'outage'
  | 'rule'
  | 'expression'
  | 'value'
  | 'threshold'
> {
  readonly services: readonly Service[];
  /** By service name; see `ImpactedService.restorableToMs`. */
  readonly restorableToMs: ReadonlyMap<string, number | null>;
}

/** Freezes what the catalogue says now into a new incident, looks its priority up and starts its clocks. */
export function assembleIncident(opening: Opening, catalogue: Catalogue, nowMs: number): OpenedPayload {
  const { services, restorableToMs, ...rest } = opening;
  const { impact, urgency, priority } = prioritise(opening.severity, services, catalogue);
  const impacted = services.map((service) =>
    withStartedClocks(freeze(service, catalogue, restorableToMs.get(service.name)), priority, nowMs),
  );
  const runbook = opening.annotations['runbook_url'] ?? opening.annotations['runbook'];
  return {
    ...rest,
    impact,
    urgency,
    priority,
    major: priority === 'P1',
    service: firstDue(impacted),
    services: impacted,
    openedAtMs: nowMs,
    impaired: [{ fromMs: opening.onsetAtMs, toMs: null }],
    runbooks: [
      ...(runbook === undefined ? [] : [{ name: opening.rule?.name ?? 'runbook', url: runbook }]),
      ...new Set(services.flatMap((service) => service.runbooks))
        .values()
        .map((name) => ({ name, url: null })),
    ],
  };
}

function prioritise(
  severity: Severity,
  services: readonly Service[],
  catalogue: Catalogue,
): { impact: Level; urgency: Level; priority: Priority } {
  const impact = impactOf(services.map(({ tier }) => tier));
  const urgency = urgencyOf(severity);
  return { impact, urgency, priority: priorityOf(catalogue.matrix, impact, urgency) };
}

function freeze(
  service: Service,
  catalogue: Catalogue,
  restorableToMs: number | null | undefined,
): Omit<ImpactedService, 'response' | 'resolution'> {
  return {
    name: service.name,
    displayName: service.displayName,
    owner: service.owner,
    tier: service.tier,
    agreed: service.agreed,
    sla: freezeSla(service, catalogue),
    rtoMs: service.continuity?.rtoMs ?? null,
    rpoMs: service.continuity?.rpoMs ?? null,
    restorableToMs: restorableToMs === undefined ? 'unknown' : restorableToMs,
  };
}

function freezeSla({ name, sla }: Service, catalogue: Catalogue): ImpactedService['sla'] {
  if (sla === null) return null;
  const calendars = new Map<string, Calendar>();
  const calendarOf = (priority: Priority): Calendar => {
    const calendar = catalogue.calendars.get(sla.calendars[priority]);
    if (calendar === undefined) throw new Error(`service ${name} names a calendar the catalogue lacks`);
    calendars.set(calendar.name, calendar);
    return calendar;
  };
  const targetsMs = (targets: Targets): Partial<Record<Priority, number>> =>
    Object.fromEntries(
      PRIORITIES.flatMap((priority) => {
        const target = targets[priority];
        return target === undefined ? [] : [[priority, toWorkingTime(calendarOf(priority), target)]];
      }),
    );
  return {
    response: targetsMs(sla.response),
    resolution: targetsMs(sla.resolution),
    pausedBy: sla.pausedBy,
    calendarNames: sla.calendars,
    calendars: [...calendars.values()],
  };
}
