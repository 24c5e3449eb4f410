import type { Catalogue, Service, Targets } from '../catalogue/catalogue.ts';
import { toWorkingTime } from '../catalogue/business-time.ts';
import { PRIORITIES } from '../catalogue/catalogue.ts';
import type { ForecastLookup, IncidentQuery, ProblemQuery } from './desk.ts';
import { isOpen } from './incident/state.ts';
import type { IncidentState } from './incident/state.ts';
import { incidentJson } from './incident/to-json.ts';
import type { Journal } from './journal/journal.ts';
import type { Page, TimelineItem } from './json/common.ts';
import type { IncidentJson } from './json/incident.ts';
import type { ProblemJson } from './json/problem.ts';
import type { ServiceJson } from './json/service.ts';
import { secondsOrNull } from './json/time.ts';
import { LIMITS } from './limits.ts';
import type { DeskMemory } from './memory.ts';
import type { People } from './people.ts';
import { isKnownError } from './problem/state.ts';
import type { ProblemState } from './problem/state.ts';
import { problemJson } from './problem/to-json.ts';
import { listIncidents, listProblems } from './projections/lists.ts';
import type { Projections } from './projections/projections.ts';
import { serviceStateOf } from './service-state.ts';
import { timelineItem } from './timeline.ts';

/** Answers the desk's questions from its states, the journal and the catalogue. */
export class Reader {
  readonly #journal: Journal;
  readonly #memory: DeskMemory;
  readonly #projections: Projections;
  readonly #people: People;
  #forecastOf: ForecastLookup = () => undefined;

  constructor(parts: {
    readonly journal: Journal;
    readonly memory: DeskMemory;
    readonly projections: Projections;
    readonly people: People;
  }) {
    this.#journal = parts.journal;
    this.#memory = parts.memory;
    this.#projections = parts.projections;
    this.#people = parts.people;
  }

  showForecasts(lookup: ForecastLookup): void {
    this.#forecastOf = lookup;
  }

  incidents(query: IncidentQuery, nowMs: number): Page<IncidentJson> {
    const { items, nextCursor } = listIncidents(this.#projections, query);
    return { items: items.map((incident) => this.#incidentJson(incident, nowMs)), nextCursor };
  }

  incident(idOrNumber: string, nowMs: number): IncidentJson | undefined {
    const incident = this.findIncident(idOrNumber);
    return incident === undefined ? undefined : this.#incidentJson(incident, nowMs);
  }

  findIncident(idOrNumber: string): IncidentState | undefined {
    return isNumber(idOrNumber)
      ? this.#memory.incidentByNumber(Number(idOrNumber))
      : this.#memory.incident(idOrNumber);
  }

  problems(query: ProblemQuery): Page<ProblemJson> {
    const { items, nextCursor } = listProblems(this.#projections, query);
    return { items: items.map((problem) => this.#problemJson(problem)), nextCursor };
  }

  problem(idOrNumber: string): ProblemJson | undefined {
    const problem = this.findProblem(idOrNumber);
    return problem === undefined ? undefined : this.#problemJson(problem);
  }

  findProblem(idOrNumber: string): ProblemState | undefined {
    return isNumber(idOrNumber)
      ? this.#memory.problemByNumber(Number(idOrNumber))
      : this.#memory.problem(idOrNumber);
  }

  service(service: Service, catalogue: Catalogue): ServiceJson {
    const incidents = [...this.#memory.activeIncidents()].filter(
      (incident) => isOpen(incident) && incident.services.some(({ name }) => name === service.name),
    );
    return {
      name: service.name,
      displayName: service.displayName,
      owner: service.owner,
      tier: service.tier,
      agreed: service.agreed,
      state: serviceStateOf(service.name, incidents).state,
      resources: service.selectors.map(({ text }) => text),
      dependsOn: [...service.dependsOn],
      openIncidents: incidents.length,
      sla: slaJson(service, catalogue),
      slo:
        service.slo === null
          ? null
          : { availability: service.slo.availability, window: service.slo.windowMs / 1000 },
      continuity: continuityJson(service),
      calendar: service.sla?.defaultCalendar ?? '24x7',
      escalation: service.escalation,
      runbooks: [...service.runbooks],
    };
  }

  #incidentJson(incident: IncidentState, nowMs: number): IncidentJson {
    const knownErrors = this.#memory
      .problemsOf(incident.signature)
      .filter(isKnownError)
      .map(({ id, number, title, rootCause, workaround }) => ({
        problem: id,
        number,
        title,
        rootCause,
        workaround,
      }));
    const timeline = this.#timeline(`incident/${incident.id}`);
    const forecast = this.#forecastFor(incident);
    return incidentJson(incident, { timeline, knownErrors, forecast, nameOf: this.#people.nameOf }, nowMs);
  }

  /** Of an incident that is over, what is foreseen now says nothing. */
  #forecastFor(incident: IncidentState): IncidentJson['forecast'] {
    if (!isOpen(incident)) return null;
    for (const resource of incident.resources) {
      const forecast = this.#forecastOf(resource);
      if (forecast !== undefined) return forecast;
    }
    return null;
  }

  #problemJson(problem: ProblemState): ProblemJson {
    const incidents = problem.incidents.flatMap((id) => this.#memory.incident(id) ?? []);
    return problemJson(problem, incidents, this.#timeline(`problem/${problem.id}`));
  }

  #timeline(aggregate: string): readonly TimelineItem[] {
    return this.#journal
      .ofAggregate(aggregate, LIMITS.timelineItems)
      .map((event) => timelineItem(event, this.#people.nameOf));
  }
}

function isNumber(idOrNumber: string): boolean {
  return /^[0-9]{1,15}$/.test(idOrNumber);
}

function slaJson({ sla }: Service, { calendars }: Catalogue): ServiceJson['sla'] {
  if (sla === null) return null;
  const secondsOf = (targets: Targets): Record<string, number> =>
    Object.fromEntries(
      PRIORITIES.flatMap((priority) => {
        const target = targets[priority];
        const calendar = calendars.get(sla.calendars[priority]);
        if (target === undefined || calendar === undefined) return [];
        return [[priority, toWorkingTime(calendar, target) / 1000]];
      }),
    );
  return {
    calendar: { ...sla.calendars, default: sla.defaultCalendar },
    response: secondsOf(sla.response),
    resolution: secondsOf(sla.resolution),
    pausedBy: [...sla.pausedBy],
  };
}

function continuityJson({ continuity }: Service): ServiceJson['continuity'] {
  if (continuity === null) return null;
  const { backup, recoveryPlan } = continuity;
  return {
    rto: secondsOrNull(continuity.rtoMs),
    rpo: secondsOrNull(continuity.rpoMs),
    backup:
      backup === null
        ? null
        : {
            lastSuccess: backup.lastSuccess,
            every: secondsOrNull(backup.everyMs),
            duration: secondsOrNull(backup.durationMs),
          },
    recoveryPlan,
    drillEvery: secondsOrNull(continuity.drillEveryMs),
  };
}
