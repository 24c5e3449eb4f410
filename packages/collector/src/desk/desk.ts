import type { Catalogue } from '../catalogue/catalogue.ts';
import type { FileConfig } from '../config/config.ts';
import type { IncidentCommand, ProblemCommand } from './command.ts';
import type { JournalEvent } from './journal/event.ts';
import type { Actor, Page, Priority } from './json/common.ts';
import type { IncidentForecast, IncidentJson, IncidentStateName, Resource } from './json/incident.ts';
import type { ProblemJson, ProblemStateName } from './json/problem.ts';
import type { ServiceJson } from './json/service.ts';
import type { LifecycleEvent } from './lifecycle/lifecycle-event.ts';
import type { RuleRef, Signal } from './signal.ts';

export interface PageQuery {
  /** At most `LIMITS.pageItems`; default 100. */
  readonly limit?: number;
  /** From the page before; `invalid_argument` when it is not one of ours. */
  readonly cursor?: string;
}

export interface IncidentQuery extends PageQuery {
  /** Default `open`: new, acknowledged, in progress, on hold. */
  readonly state?: 'open' | 'all' | IncidentStateName;
  readonly service?: string;
  readonly priority?: Priority;
  readonly instance?: string;
}

export interface ProblemQuery extends PageQuery {
  /** Default `all`. Open is everything that is neither resolved nor closed. */
  readonly state?: 'open' | 'all' | ProblemStateName;
  readonly service?: string;
}

export interface SubmitOptions {
  readonly actor: Actor;
  /** A command with a key seen before changes nothing and answers what it then made. At most 255 characters. */
  readonly idempotencyKey?: string;
}

export interface DeskStatus {
  /** Events in the journal. */
  readonly events: number;
  /** Hash of the newest event, hexadecimal; null while the journal is empty. */
  readonly headHash: string | null;
}

/** A condition that the desk was told of and whose recovery it still waits for. */
export interface FiringCondition {
  readonly rule: RuleRef;
  readonly expression: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly onsetAtMs: number;
}

/** What is foreseen for a resource now; undefined where nothing is. */
export type ForecastLookup = (resource: Resource) => IncidentForecast | undefined;

/**
 * The service desk: turns signals and people's commands into journalled incidents and problems, and answers reads.
 * Writes are durable when their promise resolves. They reject with `PlimsollError`: `not_found`, `invalid_argument`,
 * `failed_precondition` (not possible in the present state), `conflict`, `resource_exhausted`, `out_of_space`.
 */
export interface Desk extends AsyncDisposable {
  /** Takes a breach or recovery. Idempotent: a breach that is known already writes nothing. */
  signal(signal: Signal): Promise<void>;
  /**
   * What still fires as far as the desk knows. Evaluation takes it over at its start, and tells the recovery of what no
   * longer holds or has no rule any more: after a crash nobody else remembers what the desk was told.
   */
  firing(): readonly FiringCondition[];
  submit(command: IncidentCommand, options: SubmitOptions): Promise<IncidentJson>;
  submit(command: ProblemCommand, options: SubmitOptions): Promise<ProblemJson>;
  /** Journals what happens to streams, hosts and inventories; what is known already writes nothing. */
  record(event: LifecycleEvent): Promise<void>;
  /** SLA warnings and breaches, closing, heartbeat, signed heads. Called each second. */
  tick(nowMs: number): Promise<void>;
  /** Replaces the catalogue. Open incidents keep what was frozen at their opening. */
  reloadCatalogue(catalogue: Catalogue): Promise<void>;
  /** Takes over what a reload of the configuration changed. */
  reconfigure(config: FileConfig['desk']): void;
  /** From now on open incidents show what is foreseen for their resources, as of the time they are read. */
  showForecasts(lookup: ForecastLookup): void;
  /** Open incidents come first, by priority and then by what is due next; the others newest first. */
  incidents(query?: IncidentQuery): Page<IncidentJson>;
  incident(idOrNumber: string): IncidentJson | undefined;
  /** How many open incidents touch each host, by instance; hosts without any are absent. */
  openIncidentsByInstance(): ReadonlyMap<string, number>;
  problems(query?: ProblemQuery): Page<ProblemJson>;
  problem(idOrNumber: string): ProblemJson | undefined;
  services(): readonly ServiceJson[];
  service(name: string): ServiceJson | undefined;
  /** Names of the services that own a resource with these labels. */
  servicesOf(labels: Readonly<Record<string, string>>): readonly string[];
  /** Durable events with a position greater than `position`, in order. The cursor of whoever tells others. */
  eventsAfter(position: number, limit?: number): readonly JournalEvent[];
  /** Called after an event became durable. Returns the way to stop listening. */
  subscribe(listener: (event: JournalEvent) => void): () => void;
  status(): DeskStatus;
}
