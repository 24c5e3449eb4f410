import { randomUUID } from 'node:crypto';
import type { JournalEvent } from '../desk/journal/event.ts';
import { type IncidentJson, incidentJsonSchema } from '../desk/json/incident.ts';

const NO_CLOCK = { target: null, dueAt: null, remaining: null, state: null };

/** For tests of telling: a journal in memory behind the part of the desk's interface that is read. */
export class TestDesk {
  readonly #events: JournalEvent[] = [];
  readonly #incidents = new Map<string, IncidentJson>();
  readonly #listeners = new Set<(event: JournalEvent) => void>();

  eventsAfter(position: number, limit = 100): readonly JournalEvent[] {
    return this.#events.slice(position, position + limit);
  }

  subscribe(listener: (event: JournalEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  incident(id: string): IncidentJson | undefined {
    return this.#incidents.get(id);
  }

  status(): { events: number; headHash: string | null } {
    return { events: this.#events.length, headHash: null };
  }

  open(changes: Partial<IncidentJson>, atMs = Date.now()): string {
    const id = randomUUID();
    this.#incidents.set(id, makeIncident(id, this.#incidents.size + 1, atMs, changes));
    this.happen(id, 'incident.opened', atMs);
    return id;
  }

  happen(id: string, type: string, atMs = Date.now(), payload: JournalEvent['payload'] = {}): void {
    const event: JournalEvent = {
      position: this.#events.length + 1,
      id: randomUUID(),
      aggregate: `incident/${id}`,
      version: 1,
      type,
      schemaVersion: 1,
      occurredAtMs: atMs,
      recordedAtMs: atMs,
      payload,
      clockOffsetMs: null,
      actor: { kind: 'system', id: 'test' },
      causeId: null,
      correlationId: id,
      idempotencyKey: null,
      ruleHash: null,
      catalogueHash: null,
      matrixHash: null,
      tzdataVersion: '',
      payloadHash: '',
      hash: '',
    };
    this.#events.push(event);
    for (const listener of this.#listeners) listener(event);
  }
}

function makeIncident(
  id: string,
  number: number,
  atMs: number,
  changes: Partial<IncidentJson>,
): IncidentJson {
  const at = new Date(atMs).toISOString();
  return incidentJsonSchema.parse({
    id,
    number,
    state: 'new',
    title: `Incident ${number}`,
    description: null,
    category: 'capacity',
    severity: 'critical',
    impact: 1,
    urgency: 1,
    priority: 'P1',
    service: 'orders-db',
    services: [],
    owner: 'team-orders',
    tier: 1,
    agreed: true,
    calendar: null,
    resources: [{ kind: 'host', name: 'db-1', labels: { instance: 'db-1' } }],
    labels: { instance: 'db-1', severity: 'critical' },
    annotations: {},
    signature: 'disk-full/db-1',
    occurrence: 1,
    previous: null,
    firing: true,
    onsetAt: at,
    onsetUncertainty: 0,
    detectedAt: at,
    openedAt: at,
    acknowledgedAt: null,
    resolvedAt: null,
    recoveredAt: null,
    closedAt: null,
    assignee: null,
    hold: null,
    major: false,
    outage: false,
    unreachable: false,
    rule: null,
    expression: null,
    value: 0.97123,
    threshold: 0.95,
    sla: { response: NO_CLOCK, resolution: NO_CLOCK },
    continuity: {
      rto: null,
      rpo: null,
      rtoDueAt: null,
      achievedRecovery: null,
      rtoMet: null,
      backupAgeAtOnset: null,
      rpoMet: null,
    },
    problem: null,
    knownErrors: [],
    runbooks: [],
    suspectChanges: [],
    forecast: null,
    timeline: [],
    ...changes,
  });
}
