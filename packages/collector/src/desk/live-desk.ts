import type { Catalogue } from '../catalogue/catalogue.ts';
import { ownersOf } from '../catalogue/owners.ts';
import type { FileConfig } from '../config/config.ts';
import { PlimsollError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { restorableTimes } from './backup-lookup.ts';
import { incidentCommandSchema, problemCommandSchema } from './command.ts';
import type { IncidentCommand, ProblemCommand } from './command.ts';
import { Deadlines } from './deadlines.ts';
import type {
  Desk,
  DeskStatus,
  FiringCondition,
  IncidentQuery,
  ProblemQuery,
  SubmitOptions,
} from './desk.ts';
import { HeadKeeper } from './head-keeper.ts';
import { isOpen } from './incident/state.ts';
import type { JournalEvent } from './journal/event.ts';
import type { HeadSigner } from './journal/head-signer.ts';
import { newId } from './journal/journal.ts';
import type { Journal } from './journal/journal.ts';
import type { Actor, Page, Priority } from './json/common.ts';
import type { IncidentJson } from './json/incident.ts';
import type { ProblemJson } from './json/problem.ts';
import type { ServiceJson } from './json/service.ts';
import { HEARTBEAT_MS, recordHeartbeat, recordStart, recordStop } from './lifecycle/collector-life.ts';
import type { LifecycleEvent } from './lifecycle/lifecycle-event.ts';
import { hashCatalogue, recordCatalogue } from './lifecycle/record-catalogue.ts';
import type { CatalogueHashes } from './lifecycle/record-catalogue.ts';
import { ALIVE_MS, SignOfLife } from './lifecycle/sign-of-life.ts';
import { takeLifecycle } from './lifecycle/take-lifecycle.ts';
import { LIMITS } from './limits.ts';
import { Listeners } from './listeners.ts';
import { DeskMemory } from './memory.ts';
import { deskMetrics } from './metrics.ts';
import type { DeskMetrics } from './metrics.ts';
import type { DeskOptions } from './open-desk.ts';
import { People } from './people.ts';
import { splitAggregate } from './projections/fold.ts';
import type { Projections } from './projections/projections.ts';
import { Reader } from './reader.ts';
import { recordServiceStates } from './service-state.ts';
import { SignalIntake } from './signal-intake.ts';
import type { Signal } from './signal.ts';
import type { OperationContext, Staging } from './staging.ts';
import { takeIncidentCommand, takeOpening } from './take-command.ts';
import { Writer } from './writer.ts';

const DESK: Actor = { kind: 'system', id: 'desk' };
const COLLECTOR: Actor = { kind: 'system', id: 'collector' };

/** The desk over a journal in SQLite; see `Desk` for what each member promises. Made by `openDesk`. */
export class LiveDesk implements Desk {
  readonly #options: DeskOptions;
  readonly #runtime: Runtime;
  readonly #journal: Journal;
  readonly #projections: Projections;
  readonly #memory: DeskMemory;
  readonly #people: People;
  readonly #reader: Reader;
  readonly #writer: Writer;
  readonly #intake: SignalIntake;
  readonly #metrics: DeskMetrics;
  readonly #listeners: Listeners;
  readonly #heads: HeadKeeper;
  readonly #deadlines = new Deadlines();
  #catalogue: Catalogue;
  #hashes: CatalogueHashes;
  #config: FileConfig['desk'];
  readonly #signOfLife: SignOfLife;
  #lastHeartbeatMs = -Infinity;
  #lastSignMs = -Infinity;
  #disposed = false;

  constructor(
    options: DeskOptions & {
      readonly journal: Journal;
      readonly projections: Projections;
      readonly signer: HeadSigner;
    },
  ) {
    const { journal, projections, runtime } = options;
    this.#options = options;
    this.#runtime = runtime;
    this.#journal = journal;
    this.#projections = projections;
    this.#catalogue = options.catalogue;
    this.#hashes = hashCatalogue(options.catalogue);
    this.#config = options.config;
    this.#signOfLife = new SignOfLife(options.path);
    this.#memory = new DeskMemory(projections);
    this.#people = new People(journal);
    this.#reader = new Reader({ journal, projections, memory: this.#memory, people: this.#people });
    this.#metrics = deskMetrics(runtime.metrics, () => this.#openByPriority());
    this.#listeners = new Listeners(runtime, this.#metrics);
    this.#heads = new HeadKeeper(journal, options.signer, runtime);
    this.#writer = new Writer({
      journal,
      memory: this.#memory,
      runtime,
      metrics: this.#metrics,
      afterStaging: (staging) => recordServiceStates(staging, this.#context(DESK)),
      afterCommit: (events, staging) => this.#afterCommit(events, staging),
    });
    this.#intake = new SignalIntake({
      memory: this.#memory,
      writer: this.#writer,
      runtime,
      metrics: this.#metrics,
      lookupBackup: options.lookupBackup,
      catalogue: () => this.#catalogue,
      config: () => this.#config,
      contextFor: (ruleHash) => this.#context(DESK, { ruleHash }),
    });
  }

  /** Reads what the journal has beyond the tables, and journals the collector's start. */
  async start(): Promise<void> {
    const aliveMs = await this.#signOfLife.last();
    this.#memory.catchUp(this.#journal);
    for (const incident of this.#memory.activeIncidents()) {
      this.#deadlines.update(incident, this.#config.closeAfterMs);
    }
    await this.#writer.write((staging) => {
      recordStart(staging, aliveMs, this.#context(COLLECTOR));
      recordCatalogue(staging, this.#catalogue, this.#context(COLLECTOR));
    });
    this.#lastHeartbeatMs = this.#runtime.now();
    await this.#live(this.#lastHeartbeatMs);
  }

  async signal(signal: Signal): Promise<void> {
    this.#metrics.signals.inc({ kind: signal.kind });
    await this.#intake.signal(signal);
  }

  submit(command: IncidentCommand, options: SubmitOptions): Promise<IncidentJson>;
  submit(command: ProblemCommand, options: SubmitOptions): Promise<ProblemJson>;
  async submit(
    command: IncidentCommand | ProblemCommand,
    options: SubmitOptions,
  ): Promise<IncidentJson | ProblemJson> {
    checkKey(options.idempotencyKey);
    const parsed = parseCommand(command);
    if (parsed.type === 'incident.open') return this.#submitOpening(parsed, options);
    const aggregate = this.#aggregateOf(parsed);
    await this.#writer.write((staging) => {
      if (this.#keptResult(staging, options, aggregate) === null) {
        this.#take(staging, parsed, aggregate, options);
      }
    });
    return this.#result(aggregate);
  }

  firing(): readonly FiringCondition[] {
    return [...this.#memory.activeIncidents()].flatMap(({ conditions, rule, expression }) =>
      rule === null || expression === null
        ? []
        : Object.values(conditions).map(({ labels, onsetAtMs }) => ({ rule, expression, labels, onsetAtMs })),
    );
  }

  async record(event: LifecycleEvent): Promise<void> {
    const clockOffsetMs = event.type === 'stream.opened' ? event.clockOffsetMs : null;
    await this.#writer.write((staging) =>
      takeLifecycle(staging, event, this.#context(COLLECTOR, { clockOffsetMs })),
    );
  }

  async tick(nowMs: number): Promise<void> {
    // More than that wait for the next second: a commit must not hold up the event loop.
    const ids = this.#deadlines.due(nowMs).slice(0, LIMITS.operationsPerCommit);
    const heartbeat = nowMs - this.#lastHeartbeatMs >= HEARTBEAT_MS;
    if (heartbeat) this.#lastHeartbeatMs = nowMs;
    if (ids.length > 0 || heartbeat) {
      await this.#writer.write((staging) => {
        const { closeAfterMs } = this.#config;
        for (const id of ids) {
          staging.decideIncident(id, { type: 'advance', closeAfterMs }, this.#context(DESK));
        }
        if (heartbeat) recordHeartbeat(staging, this.#context(COLLECTOR));
      });
    }
    await this.#intake.retry();
    if (nowMs - this.#lastSignMs >= ALIVE_MS) await this.#live(nowMs);
    await this.#heads.keep(nowMs);
  }

  async reloadCatalogue(catalogue: Catalogue): Promise<void> {
    this.#catalogue = catalogue;
    this.#hashes = hashCatalogue(catalogue);
    await this.#writer.write((staging) => recordCatalogue(staging, catalogue, this.#context(COLLECTOR)));
  }

  reconfigure(config: FileConfig['desk']): void {
    this.#config = config;
    for (const incident of this.#memory.activeIncidents()) {
      this.#deadlines.update(incident, config.closeAfterMs);
    }
  }

  incidents(query: IncidentQuery = {}): Page<IncidentJson> {
    return this.#reader.incidents(query, this.#runtime.now());
  }

  incident(idOrNumber: string): IncidentJson | undefined {
    return this.#reader.incident(idOrNumber, this.#runtime.now());
  }

  openIncidentsByInstance(): ReadonlyMap<string, number> {
    return this.#memory.openByInstance();
  }

  problems(query: ProblemQuery = {}): Page<ProblemJson> {
    return this.#reader.problems(query);
  }

  problem(idOrNumber: string): ProblemJson | undefined {
    return this.#reader.problem(idOrNumber);
  }

  services(): readonly ServiceJson[] {
    return this.#catalogue.services.map((service) => this.#reader.service(service, this.#catalogue));
  }

  service(name: string): ServiceJson | undefined {
    const service = this.#catalogue.services.find((one) => one.name === name);
    return service === undefined ? undefined : this.#reader.service(service, this.#catalogue);
  }

  servicesOf(labels: Readonly<Record<string, string>>): readonly string[] {
    return ownersOf(this.#catalogue, labels).map(({ name }) => name);
  }

  eventsAfter(position: number, limit: number = LIMITS.eventsPerRead): readonly JournalEvent[] {
    return this.#journal.after(position, Math.min(limit, LIMITS.eventsPerRead));
  }

  subscribe(listener: (event: JournalEvent) => void): () => void {
    return this.#listeners.add(listener);
  }

  status(): DeskStatus {
    const { position, hash } = this.#journal.head;
    return { events: position, headHash: position === 0 ? null : hash };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    const stopped = this.#writer.write((staging) => recordStop(staging, this.#context(COLLECTOR)));
    try {
      this.#writer.close();
      await stopped;
      await this.#heads.sign(this.#runtime.now());
    } finally {
      this.#projections[Symbol.dispose]();
      this.#journal[Symbol.dispose]();
    }
  }

  /** Losing a sign of life makes a later gap look longer, no more: it is logged. */
  async #live(nowMs: number): Promise<void> {
    this.#lastSignMs = nowMs;
    try {
      await this.#signOfLife.renew(nowMs);
    } catch (error) {
      this.#runtime.log.warn({ err: error }, 'the sign of life could not be renewed');
    }
  }

  async #submitOpening(
    command: Extract<IncidentCommand, { type: 'incident.open' }>,
    options: SubmitOptions,
  ): Promise<IncidentJson> {
    const { lookupBackup } = this.#options;
    const services = this.#catalogue.services.filter(({ name }) => name === command.service);
    const restorable = await restorableTimes(services, this.#runtime.now(), lookupBackup, this.#runtime);
    let aggregate = '';
    await this.#writer.write((staging) => {
      const open = (): string => {
        const context = this.#personalContext(staging, options);
        return `incident/${takeOpening(staging, command, this.#catalogue, restorable, context)}`;
      };
      aggregate = this.#keptResult(staging, options, 'incident') ?? open();
    });
    return this.#result(aggregate) as IncidentJson;
  }

  #take(
    staging: Staging,
    command: Exclude<IncidentCommand, { type: 'incident.open' }> | ProblemCommand,
    aggregate: string,
    options: SubmitOptions,
  ): void {
    const context = this.#personalContext(staging, options);
    const [, id] = splitAggregate(aggregate);
    if (isProblemCommand(command)) {
      staging.decideProblem(id, command, context);
      return;
    }
    const personOf = (name: string): string => this.#people.idOf(name, staging);
    takeIncidentCommand(staging, id, command, { catalogue: this.#catalogue, personOf, context });
  }

  /** The aggregate a command names; `not_found` when there is none. */
  #aggregateOf(command: Exclude<IncidentCommand, { type: 'incident.open' }> | ProblemCommand): string {
    const kind = isProblemCommand(command) ? 'problem' : 'incident';
    const found =
      kind === 'problem' ? this.#reader.findProblem(command.id) : this.#reader.findIncident(command.id);
    if (found === undefined) throw new PlimsollError('not_found', `there is no ${kind} ${command.id}`);
    return `${kind}/${found.id}`;
  }

  /** The aggregate an idempotency key was used for before; `conflict` when that was something else. */
  #keptResult(staging: Staging, { idempotencyKey: key }: SubmitOptions, expected: string): string | null {
    if (key === undefined) return null;
    const aggregate = staging.aggregateOfKey(key) ?? this.#journal.byIdempotencyKey(key)?.aggregate;
    if (aggregate === undefined) return null;
    if (aggregate === expected || splitAggregate(aggregate)[0] === expected) return aggregate;
    throw new PlimsollError('conflict', `idempotency key ${key} was used for ${aggregate}`);
  }

  #result(aggregate: string): IncidentJson | ProblemJson {
    const [kind, id] = splitAggregate(aggregate);
    const result = kind === 'problem' ? this.problem(id) : this.incident(id);
    if (result === undefined) throw new Error(`${aggregate} was written but cannot be read`);
    return result;
  }

  #personalContext(staging: Staging, { actor, idempotencyKey }: SubmitOptions): OperationContext {
    return this.#context(this.#people.actorOf(actor, staging), { idempotencyKey: idempotencyKey ?? null });
  }

  #context(actor: Actor, own: Partial<OperationContext> = {}): OperationContext {
    return {
      actor,
      causeId: null,
      correlationId: newId(),
      clockOffsetMs: null,
      ruleHash: null,
      idempotencyKey: null,
      // What the collector observes rests on no catalogue.
      ...(actor === COLLECTOR ? { catalogueHash: null, matrixHash: null } : this.#hashes),
      ...own,
    };
  }

  #afterCommit(events: readonly JournalEvent[], staging: Staging): void {
    for (const incident of staging.incidents.values()) {
      this.#deadlines.update(incident, this.#config.closeAfterMs);
    }
    for (const { type, aggregate } of events) {
      const [, id] = splitAggregate(aggregate);
      const priority = type === 'incident.opened' ? staging.incidents.get(id)?.priority : undefined;
      if (priority !== undefined) this.#metrics.opened.inc({ priority });
    }
    this.#listeners.tell(events);
  }

  #openByPriority(): ReadonlyMap<Priority, number> {
    const counts = new Map<Priority, number>([
      ['P1', 0],
      ['P2', 0],
      ['P3', 0],
      ['P4', 0],
      ['P5', 0],
    ]);
    for (const incident of this.#memory.activeIncidents()) {
      if (isOpen(incident)) counts.set(incident.priority, (counts.get(incident.priority) ?? 0) + 1);
    }
    return counts;
  }
}

function isProblemCommand(command: IncidentCommand | ProblemCommand): command is ProblemCommand {
  return command.type.startsWith('problem.');
}

function parseCommand(command: IncidentCommand | ProblemCommand): IncidentCommand | ProblemCommand {
  const schema = isProblemCommand(command) ? problemCommandSchema : incidentCommandSchema;
  const parsed = schema.safeParse(command);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join('.') ?? '';
  throw new PlimsollError('invalid_argument', `${command.type}: ${where}: ${issue?.message ?? 'not valid'}`);
}

function checkKey(key: string | undefined): void {
  if (key === undefined || (key.length > 0 && key.length <= LIMITS.idChars)) return;
  throw new PlimsollError('invalid_argument', `an idempotency key has 1 to ${LIMITS.idChars} characters`);
}
