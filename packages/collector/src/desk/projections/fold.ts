import { PlimsollError } from '../../errors.ts';
import type { IncidentEvent } from '../incident/event.ts';
import { evolveIncident, isIncidentEventType } from '../incident/evolve.ts';
import type { IncidentState } from '../incident/state.ts';
import type { JournalEvent } from '../journal/event.ts';
import type { ProblemEvent } from '../problem/event.ts';
import { evolveProblem, isProblemEventType } from '../problem/evolve.ts';
import type { ProblemState } from '../problem/state.ts';
import type { EntityState } from './entity.ts';

/** The states events changed. */
export interface Changes {
  readonly incidents: ReadonlyMap<string, IncidentState>;
  readonly problems: ReadonlyMap<string, ProblemState>;
  readonly entities: ReadonlyMap<string, EntityState>;
}

/** States before the events. */
export interface Before {
  incident(id: string): IncidentState | undefined;
  problem(id: string): ProblemState | undefined;
}

/** Applies journal events in order. A redacted one counts as a version and changes nothing else. */
export function foldEvents(events: readonly JournalEvent[], before: Before): Changes {
  const incidents = new Map<string, IncidentState>();
  const problems = new Map<string, ProblemState>();
  const entities = new Map<string, EntityState>();
  for (const event of events) {
    refuseNewer(event);
    const [kind, id] = splitAggregate(event.aggregate);
    if (kind === 'incident') {
      const next = step(incidents.get(id) ?? before.incident(id), event, (state) =>
        evolveIncident(state, event as unknown as IncidentEvent),
      );
      if (next !== null) incidents.set(id, next);
    } else if (kind === 'problem') {
      const next = step(problems.get(id) ?? before.problem(id), event, (state) =>
        evolveProblem(state, event as unknown as ProblemEvent),
      );
      if (next !== null) problems.set(id, next);
    } else {
      entities.set(event.aggregate, entityOf(event));
    }
  }
  return { incidents, problems, entities };
}

/** The newest payload shape this build knows. All types are at their first. */
const SCHEMA_VERSION = 1;

/** What a newer build wrote cannot be understood here, and must not be misunderstood. */
function refuseNewer({ position, type, schemaVersion }: JournalEvent): void {
  const isDecided = type.startsWith('incident.') || type.startsWith('problem.');
  const isKnown = !isDecided || isIncidentEventType(type) || isProblemEventType(type);
  if (schemaVersion <= SCHEMA_VERSION && isKnown) return;
  throw new PlimsollError(
    'configuration',
    `journal event ${position} (${type}, schema version ${schemaVersion}) was written by a newer build: run that one`,
    { details: { position, type, schemaVersion } },
  );
}

/** `kind/id` in two. */
export function splitAggregate(aggregate: string): readonly [kind: string, id: string] {
  const slash = aggregate.indexOf('/');
  return slash === -1 ? [aggregate, ''] : [aggregate.slice(0, slash), aggregate.slice(slash + 1)];
}

function step<S extends { readonly version: number }>(
  state: S | undefined,
  event: JournalEvent,
  evolve: (state: S | null) => S,
): S | null {
  if (event.payload !== null) return evolve(state ?? null);
  return state === undefined ? null : { ...state, version: state.version + 1 };
}

function entityOf(event: JournalEvent): EntityState {
  const { aggregate, version, type, occurredAtMs, payload } = event;
  return { aggregate, version, type, atMs: occurredAtMs, payload: payload ?? {} };
}
