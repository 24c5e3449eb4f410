import type { Catalogue } from '../catalogue/catalogue.ts';
import { ownersOf } from '../catalogue/owners.ts';
import type { FileConfig } from '../config/config.ts';
import type { Runtime } from '../runtime.ts';
import type { IncidentCommand, ProblemCommand } from './command.ts';
import { CommandIntake } from './command-intake.ts';
import { Deadlines } from './deadlines.ts';
import type {
  Desk,
  DeskStatus,
  FiringCondition,
  ForecastLookup,
  IncidentQuery,
  ProblemQuery,
  SubmitOptions,
} from './desk.ts';
import { HeadKeeper } from './head-keeper.ts';
import { isOpen } from './incident/state.ts';
import type { JournalEvent } from './journal/event.ts';
import type { HeadSigner } from './journal/head-signer.ts';
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
import { COLLECTOR, DESK, operationContext } from './operation-context.ts';
import { People } from './people.ts';
import { splitAggregate } from './projections/fold.ts';
import type { Projections } from './projections/projections.ts';
import { Reader } from './reader.ts';
import { recordServiceStates } from './service-state.ts';
import { SignalIntake } from './signal-intake.ts';
import type { Signal } from './signal.ts';
import type { OperationContext, Staging } from './staging.ts';
import { Writer } from './writer.ts';

/** The desk over a journal in SQLite; see `Desk` for what each member promises. Made by `openDesk`. */
export class LiveDesk implements Desk {
  readonly #runtime: Runtime;
  readonly #journal: Journal;
  readonly #projections: Projections;
  readonly #memory: DeskMemory;
  readonly #people: People;
  readonly #reader: Reader;
  readonly #writer: Writer;
  readonly #intake: SignalIntake;
  readonly #commands: CommandIntake;
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
    this.#commands = new CommandIntake({
      journal,
      people: this.#people,
      reader: this.#reader,
      writer: this.#writer,
      runtime,
      lookupBackup: options.lookupBackup,
      catalogue: () => this.#catalogue,
      contextFor: (actor, idempotencyKey) => this.#context(actor, { idempotencyKey }),
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
    const [kind, id] = splitAggregate(await this.#commands.submit(command, options));
    const result = kind === 'problem' ? this.problem(id) : this.incident(id);
    if (result === undefined) throw new Error(`${kind} ${id} was written but cannot be read`);
    return result;
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

  showForecasts(lookup: ForecastLookup): void {
    this.#reader.showForecasts(lookup);
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

  #context(actor: Actor, own: Partial<OperationContext> = {}): OperationContext {
    return operationContext(actor, this.#hashes, own);
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
