import type { IncidentAsk } from './incident/command.ts';
import { decideIncident } from './incident/decide.ts';
import { evolveIncident } from './incident/evolve.ts';
import type { IncidentState } from './incident/state.ts';
import type { EventContext, JournalEntry, NewEvent } from './journal/event.ts';
import { newId } from './journal/journal.ts';
import type { JournalBatch } from './journal/journal.ts';
import type { DeskMemory } from './memory.ts';
import { decideProblem } from './problem/decide.ts';
import type { ProblemAsk } from './problem/decide.ts';
import { evolveProblem } from './problem/evolve.ts';
import { isProblemOpen } from './problem/state.ts';
import type { ProblemState } from './problem/state.ts';
import type { EntityState } from './projections/entity.ts';
import type { Changes } from './projections/fold.ts';

/** What the events of one operation share, and the key of its first. */
export interface OperationContext extends EventContext {
  readonly idempotencyKey: string | null;
}

/**
 * Decisions on the way to one commit: states as they will be, over those that are. Nothing here is seen by readers
 * before the journal has it.
 */
export class Staging implements Changes {
  readonly nowMs: number;
  readonly entries: JournalEntry[] = [];
  readonly snapshots = new Map<string, string>();
  readonly people = new Map<string, string>();
  readonly incidents = new Map<string, IncidentState>();
  readonly problems = new Map<string, ProblemState>();
  readonly entities = new Map<string, EntityState>();
  readonly #memory: DeskMemory;
  readonly #lastNumbers = new Map<'incident' | 'problem', number>();
  readonly #latest = new Map<string, string>();

  constructor(memory: DeskMemory, nowMs: number) {
    this.#memory = memory;
    this.nowMs = nowMs;
  }

  get batch(): JournalBatch {
    return { entries: this.entries, snapshots: this.snapshots, people: this.people };
  }

  /** The next number of a kind; taken at once. */
  nextNumber(kind: 'incident' | 'problem'): number {
    const number = (this.#lastNumbers.get(kind) ?? this.#memory.lastNumber(kind)) + 1;
    this.#lastNumbers.set(kind, number);
    return number;
  }

  incident(id: string): IncidentState | undefined {
    return this.incidents.get(id) ?? this.#memory.incident(id);
  }

  problem(id: string): ProblemState | undefined {
    return this.problems.get(id) ?? this.#memory.problem(id);
  }

  entity(aggregate: string): EntityState | undefined {
    return this.entities.get(aggregate) ?? this.#memory.entity(aggregate);
  }

  latestIncident(signature: string): IncidentState | undefined {
    const stagedId = this.#latest.get(signature);
    return stagedId === undefined
      ? this.#latestCommitted(signature)
      : (this.incidents.get(stagedId) ?? this.#latestCommitted(signature));
  }

  /** Occurrences of a signature opened at or after an instant, oldest first. */
  occurrencesSince(signature: string, sinceMs: number): readonly IncidentState[] {
    const staged = [...this.incidents.values()].filter(
      (incident) => incident.signature === signature && incident.openedAtMs >= sinceMs,
    );
    const ids = new Set([
      ...this.#memory.occurrencesSince(signature, sinceMs),
      ...staged.map((incident) => incident.id),
    ]);
    return [...ids].flatMap((id) => this.incident(id) ?? []).toSorted((a, b) => a.occurrence - b.occurrence);
  }

  openProblem(signature: string): ProblemState | undefined {
    const staged = [...this.problems.values()].filter((problem) => problem.signature === signature);
    const committed = this.#memory.problemsOf(signature).filter(({ id }) => !this.problems.has(id));
    return [...staged, ...committed].find(isProblemOpen);
  }

  /** Every incident that is open or may reopen, as staged. */
  *activeIncidents(): Generator<IncidentState> {
    for (const incident of this.#memory.activeIncidents()) {
      if (!this.incidents.has(incident.id)) yield incident;
    }
    yield* this.incidents.values();
  }

  /** The aggregate of the operation that brought an idempotency key to this commit. */
  aggregateOfKey(key: string): string | undefined {
    return this.entries.find(({ idempotencyKey }) => idempotencyKey === key)?.aggregate;
  }

  decideIncident(id: string, ask: IncidentAsk, context: OperationContext): void {
    const before = this.incident(id) ?? null;
    const events = decideIncident(before, ask, this.nowMs);
    this.#add(`incident/${id}`, before?.version ?? 0, events, context);
    let state = before;
    for (const event of events) state = evolveIncident(state, event);
    if (state === null || events.length === 0) return;
    this.incidents.set(id, state);
    this.#latest.set(state.signature, this.#newer(state).id);
  }

  decideProblem(id: string, ask: ProblemAsk, context: OperationContext): void {
    const before = this.problem(id) ?? null;
    const events = decideProblem(before, ask, this.nowMs);
    this.#add(`problem/${id}`, before?.version ?? 0, events, context);
    let state = before;
    for (const event of events) state = evolveProblem(state, event);
    if (state !== null && events.length > 0) this.problems.set(id, state);
  }

  /** Journals a fact about something that has no decisions of its own. */
  recordEntity(aggregate: string, event: NewEvent, context: OperationContext): void {
    const version = (this.entity(aggregate)?.version ?? 0) + 1;
    this.#add(aggregate, version - 1, [event], context);
    const { type, occurredAtMs, payload } = event;
    this.entities.set(aggregate, { aggregate, version, type, atMs: occurredAtMs, payload });
  }

  #latestCommitted(signature: string): IncidentState | undefined {
    const latest = this.#memory.latestIncident(signature);
    return latest === undefined ? undefined : this.incident(latest.id);
  }

  #newer(state: IncidentState): IncidentState {
    const latest = this.latestIncident(state.signature);
    return latest !== undefined && latest.occurrence > state.occurrence ? latest : state;
  }

  #add(
    aggregate: string,
    version: number,
    events: readonly NewEvent[],
    { idempotencyKey, ...context }: OperationContext,
  ): void {
    let cause: string | null = context.causeId;
    for (const [index, event] of events.entries()) {
      const id = newId();
      // A key stands at its operation's first event alone: keys are unique in the journal.
      const isTaken = idempotencyKey === null || this.aggregateOfKey(idempotencyKey) !== undefined;
      const entry = { ...event, ...context, causeId: cause, id, aggregate, version: version + index + 1 };
      this.entries.push({
        ...entry,
        recordedAtMs: this.nowMs,
        idempotencyKey: isTaken ? null : idempotencyKey,
      });
      cause ??= id;
    }
  }
}
