import { isOpen } from './incident/state.ts';
import type { IncidentState } from './incident/state.ts';
import type { Journal } from './journal/journal.ts';
import { LIMITS } from './limits.ts';
import type { ProblemState } from './problem/state.ts';
import type { EntityState } from './projections/entity.ts';
import { foldEvents } from './projections/fold.ts';
import type { Changes } from './projections/fold.ts';
import { isActive } from './projections/order.ts';
import type { Projections } from './projections/projections.ts';

/**
 * The desk's committed states. Incidents that may still change by themselves are held in memory, since evaluation asks
 * for them at every interval; the rest is read from the projections.
 */
export class DeskMemory {
  readonly #projections: Projections;
  #openByInstance: ReadonlyMap<string, number> | null = null;
  #position: number;
  readonly #active = new Map<string, IncidentState>();
  readonly #activeBySignature = new Map<string, IncidentState>();

  constructor(projections: Projections) {
    this.#projections = projections;
    this.#position = projections.position;
    for (const incident of projections.activeIncidents()) this.#keep(incident);
  }

  incident(id: string): IncidentState | undefined {
    return this.#active.get(id) ?? this.#projections.incident(id);
  }

  incidentByNumber(number: number): IncidentState | undefined {
    return this.#projections.incidentByNumber(number);
  }

  /** The last occurrence of a signature. */
  latestIncident(signature: string): IncidentState | undefined {
    return this.#activeBySignature.get(signature) ?? this.#projections.latestIncident(signature);
  }

  activeIncidents(): MapIterator<IncidentState> {
    return this.#active.values();
  }

  /** How many open incidents touch each host. */
  openByInstance(): ReadonlyMap<string, number> {
    this.#openByInstance ??= countByInstance(this.#active.values());
    return this.#openByInstance;
  }

  occurrencesSince(signature: string, sinceMs: number): readonly string[] {
    return this.#projections.occurrencesSince(signature, sinceMs);
  }

  problem(id: string): ProblemState | undefined {
    return this.#projections.problem(id);
  }

  problemByNumber(number: number): ProblemState | undefined {
    return this.#projections.problemByNumber(number);
  }

  problemsOf(signature: string): readonly ProblemState[] {
    return this.#projections.problemsOf(signature);
  }

  entity(aggregate: string): EntityState | undefined {
    return this.#projections.entity(aggregate);
  }

  lastNumber(kind: 'incident' | 'problem'): number {
    return this.#projections.lastNumber(kind);
  }

  /** The journal position these states stand for. */
  get position(): number {
    return this.#position;
  }

  /** Takes over what was committed. When it throws, `position` lags and `catchUp` makes good. */
  commit(changes: Changes, position: number): void {
    this.#projections.save(changes, position);
    this.#position = position;
    for (const incident of changes.incidents.values()) this.#keep(incident);
  }

  /** Folds what the journal has beyond `position`: after a crash, a rebuild or a projection that failed. */
  catchUp(journal: Journal): void {
    while (this.#position < journal.head.position) {
      const events = journal.after(this.#position, LIMITS.eventsPerRead);
      const last = events.at(-1);
      if (last === undefined) throw new Error(`the journal has no event after ${this.#position}`);
      this.commit(foldEvents(events, this), last.position);
    }
  }

  #keep(incident: IncidentState): void {
    this.#openByInstance = null;
    const { id, signature, occurrence } = incident;
    const latest = this.#activeBySignature.get(signature);
    if (isActive(incident)) {
      this.#active.set(id, incident);
      if (latest === undefined || latest.occurrence <= occurrence) {
        this.#activeBySignature.set(signature, incident);
      }
    } else {
      this.#active.delete(id);
      if (latest?.id === id) this.#activeBySignature.delete(signature);
    }
  }
}

function countByInstance(incidents: Iterable<IncidentState>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const incident of incidents) {
    if (!isOpen(incident)) continue;
    const instances = new Set(incident.resources.flatMap(({ labels }) => labels['instance'] ?? []));
    for (const instance of instances) counts.set(instance, (counts.get(instance) ?? 0) + 1);
  }
  return counts;
}
