import { MAX_AGENTS, MISSED_INTERVALS_UNTIL_SILENT, RECONNECT_GRACE_MS } from '../limits.ts';
import { type AgentRecord, AgentTable } from './agent-table.ts';
import type { ArrivedFrame, HostRegistry, HostState } from './host-registry.ts';
import { OutageProof, type Stretch } from './outage-proof.ts';

/** The registry as ingest drives it. */
export interface WritableHostRegistry extends HostRegistry, Disposable {
  record(agentId: string): AgentRecord | undefined;
  /** Whether as many agents are known as may be: no other is admitted. */
  isFull(): boolean;
  /** An agent was admitted: its record is made or brought up to date, durably. */
  connected(record: AgentRecord): void;
  disconnected(agentId: string): void;
  /** A caller was refused; shown on Hosts until it is admitted or an hour has passed. */
  refused(caller: { agentId: string; instance: string }, reason: string): void;
  facts(agentId: string, facts: Readonly<Record<string, unknown>>): void;
  /** A live frame is durable. */
  frame(frame: ArrivedFrame, arrivedAtMs: number, clockOffsetMs: number): void;
  /** A frame sent later than its collection is durable. */
  backfilled(agentId: string, timestampMs: number): void;
  /** Called when backfill has proven that a host ran while it was silent. Returns the way to stop listening. */
  onProven(listener: (instance: string, stretch: Stretch) => void): () => void;
  /** Finds silent hosts; called each second. */
  tick(nowMs: number): void;
}

/** How long a refused caller stays on the list after its last attempt, milliseconds. */
const REFUSED_SHOWN_MS = 3_600_000;
/** Refused callers remembered: a flood of made-up ids must not grow the list. */
const MAX_REFUSED = 1000;
/** How often `lastSeen` is written down, milliseconds: it only matters after a restart. */
const PERSIST_MS = 60_000;

interface Host {
  record: AgentRecord;
  connected: boolean;
  heard: boolean;
  silent: boolean;
  lastSeenMs: number | null;
  /** Silence counts from here: the last frame, or when this collector began to listen. */
  heardMs: number;
  clockOffsetMs: number | null;
  readonly outage: OutageProof;
}

/** Opens the registry of agents and their hosts, persisted in `directory`. */
export function openHostRegistry(
  directory: string,
  now: () => number,
  maxAgents: number = MAX_AGENTS,
): WritableHostRegistry {
  return new Registry(AgentTable.open(directory), now, maxAgents);
}

class Registry implements WritableHostRegistry {
  readonly #table: AgentTable;
  readonly #now: () => number;
  readonly #maxAgents: number;
  readonly #byAgent = new Map<string, Host>();
  readonly #byInstance = new Map<string, Host>();
  readonly #refused = new Map<string, { state: HostState; atMs: number }>();
  readonly #frameListeners = new Set<(frame: ArrivedFrame) => void>();
  readonly #changeListeners = new Set<(host: HostState) => void>();
  readonly #provenListeners = new Set<(instance: string, stretch: Stretch) => void>();
  #persistedAtMs: number;

  constructor(table: AgentTable, now: () => number, maxAgents: number) {
    this.#table = table;
    this.#now = now;
    this.#maxAgents = maxAgents;
    this.#persistedAtMs = now();
    for (const record of table.all()) this.#adopt(record);
  }

  record(agentId: string): AgentRecord | undefined {
    return this.#byAgent.get(agentId)?.record;
  }

  isFull(): boolean {
    return this.#byAgent.size >= this.#maxAgents;
  }

  hosts(): readonly HostState[] {
    const hosts = [...this.#byInstance.values()].map(toState);
    return [...hosts, ...[...this.#refused.values()].map(({ state }) => state)];
  }

  host(instance: string): HostState | undefined {
    const host = this.#byInstance.get(instance);
    return host === undefined ? undefined : toState(host);
  }

  onFrame(listener: (frame: ArrivedFrame) => void): () => void {
    this.#frameListeners.add(listener);
    return () => this.#frameListeners.delete(listener);
  }

  onChange(listener: (host: HostState) => void): () => void {
    this.#changeListeners.add(listener);
    return () => this.#changeListeners.delete(listener);
  }

  onProven(listener: (instance: string, stretch: Stretch) => void): () => void {
    this.#provenListeners.add(listener);
    return () => this.#provenListeners.delete(listener);
  }

  connected(record: AgentRecord): void {
    this.#table.put(record);
    const host = this.#adopt(record);
    host.connected = true;
    this.#refused.delete(refusedKey(record));
    this.#changed(host);
  }

  disconnected(agentId: string): void {
    const host = this.#byAgent.get(agentId);
    if (host === undefined || !host.connected) return;
    host.connected = false;
    this.#changed(host);
  }

  refused(caller: { agentId: string; instance: string }, reason: string): void {
    const nowMs = this.#now();
    const key = refusedKey(caller);
    const earlier = this.#refused.get(key);
    if (earlier === undefined && this.#refused.size >= MAX_REFUSED) return;
    const state: HostState = {
      ...REFUSED_STATE,
      agentId: caller.agentId,
      instance: caller.instance,
      refusedReason: reason,
      firstSeenMs: earlier?.state.firstSeenMs ?? nowMs,
      lastSeenMs: nowMs,
    };
    this.#refused.set(key, { state, atMs: nowMs });
    for (const listener of this.#changeListeners) listener(state);
  }

  facts(agentId: string, facts: Readonly<Record<string, unknown>>): void {
    const host = this.#byAgent.get(agentId);
    if (host === undefined) return;
    host.record = { ...host.record, facts };
    this.#table.put(host.record);
    this.#changed(host);
  }

  frame(frame: ArrivedFrame, arrivedAtMs: number, clockOffsetMs: number): void {
    const host = this.#byAgent.get(frame.agentId);
    if (host === undefined) return;
    host.lastSeenMs = arrivedAtMs;
    host.heardMs = arrivedAtMs;
    host.heard = true;
    if (!Number.isNaN(clockOffsetMs)) host.clockOffsetMs = clockOffsetMs;
    if (host.silent) {
      host.silent = false;
      host.outage.end(arrivedAtMs);
      this.#changed(host);
    }
    for (const listener of this.#frameListeners) listener(frame);
  }

  backfilled(agentId: string, timestampMs: number): void {
    this.#byAgent.get(agentId)?.outage.add(timestampMs, this.#now());
  }

  tick(nowMs: number): void {
    for (const host of this.#byAgent.values()) {
      const proven = host.outage.take(nowMs);
      if (proven !== undefined)
        for (const listener of this.#provenListeners) listener(host.record.instance, proven);
      if (host.silent || !isSilent(host, nowMs)) continue;
      host.silent = true;
      host.outage.begin(host.lastSeenMs ?? nowMs);
      this.#changed(host);
    }
    for (const [key, { atMs }] of this.#refused)
      if (nowMs - atMs > REFUSED_SHOWN_MS) this.#refused.delete(key);
    if (nowMs - this.#persistedAtMs >= PERSIST_MS) this.#persist(nowMs);
  }

  #persist(nowMs: number): void {
    const changed = [...this.#byAgent.values()].filter((host) => host.record.lastSeenMs !== host.lastSeenMs);
    for (const host of changed) host.record = { ...host.record, lastSeenMs: host.lastSeenMs };
    this.#table.putAll(changed.map((host) => host.record));
    this.#persistedAtMs = nowMs;
  }

  /** Takes a record in; a renamed host keeps its id, and an instance name has one owner: the newest. */
  #adopt(record: AgentRecord): Host {
    let host = this.#byAgent.get(record.agentId);
    if (host === undefined) {
      host = {
        record,
        connected: false,
        heard: false,
        silent: false,
        lastSeenMs: record.lastSeenMs,
        heardMs: this.#now(),
        clockOffsetMs: null,
        outage: new OutageProof(),
      };
      this.#byAgent.set(record.agentId, host);
    } else if (
      host.record.instance !== record.instance &&
      this.#byInstance.get(host.record.instance) === host
    ) {
      this.#byInstance.delete(host.record.instance);
    }
    host.record = record;
    this.#byInstance.set(record.instance, host);
    return host;
  }

  #changed(host: Host): void {
    const state = toState(host);
    for (const listener of this.#changeListeners) listener(state);
  }

  [Symbol.dispose](): void {
    this.#persist(this.#now());
    this.#table[Symbol.dispose]();
  }
}

const REFUSED_STATE = {
  state: 'refused',
  connected: false,
  heard: false,
  collectIntervalMs: 0,
  agentVersion: '',
  labels: {},
  clockOffsetMs: null,
  facts: null,
} as const;

function refusedKey(caller: { agentId: string; instance: string }): string {
  return `${caller.agentId}\0${caller.instance}`;
}

function isSilent(host: Host, nowMs: number): boolean {
  const missedMs = MISSED_INTERVALS_UNTIL_SILENT * host.record.collectIntervalMs;
  return (
    nowMs - host.heardMs > (host.heard || host.connected ? missedMs : Math.max(missedMs, RECONNECT_GRACE_MS))
  );
}

function toState(host: Host): HostState {
  const { record } = host;
  return {
    agentId: record.agentId,
    instance: record.instance,
    state: host.silent ? 'silent' : 'up',
    refusedReason: null,
    connected: host.connected,
    heard: host.heard,
    firstSeenMs: record.firstSeenMs,
    lastSeenMs: host.lastSeenMs,
    collectIntervalMs: record.collectIntervalMs,
    agentVersion: record.agentVersion,
    labels: record.labels,
    clockOffsetMs: host.clockOffsetMs,
    facts: record.facts,
  };
}
