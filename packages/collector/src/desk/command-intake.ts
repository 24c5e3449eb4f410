import type { Catalogue } from '../catalogue/catalogue.ts';
import { PlimsollError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { restorableTimes } from './backup-lookup.ts';
import type { BackupLookup } from './backup-lookup.ts';
import { incidentCommandSchema, problemCommandSchema } from './command.ts';
import type { IncidentCommand, ProblemCommand } from './command.ts';
import type { SubmitOptions } from './desk.ts';
import type { Journal } from './journal/journal.ts';
import type { Actor } from './json/common.ts';
import { LIMITS } from './limits.ts';
import type { People } from './people.ts';
import { splitAggregate } from './projections/fold.ts';
import type { Reader } from './reader.ts';
import type { OperationContext, Staging } from './staging.ts';
import { takeIncidentCommand, takeOpening } from './take-command.ts';
import type { Writer } from './writer.ts';

type Opening = Extract<IncidentCommand, { type: 'incident.open' }>;
type Change = Exclude<IncidentCommand, Opening> | ProblemCommand;

export interface CommandIntakeParts {
  readonly journal: Journal;
  readonly people: People;
  readonly reader: Reader;
  readonly writer: Writer;
  readonly runtime: Runtime;
  readonly lookupBackup: BackupLookup;
  /** What is in force now: replaced by a reload. */
  readonly catalogue: () => Catalogue;
  readonly contextFor: (actor: Actor, idempotencyKey: string | null) => OperationContext;
}

/** Takes people's commands. */
export class CommandIntake {
  readonly #parts: CommandIntakeParts;

  constructor(parts: CommandIntakeParts) {
    this.#parts = parts;
  }

  /** Carries a command out; answers the aggregate it was about, durable by then. */
  async submit(command: IncidentCommand | ProblemCommand, options: SubmitOptions): Promise<string> {
    checkKey(options.idempotencyKey);
    const parsed = parseCommand(command);
    if (parsed.type === 'incident.open') return this.#open(parsed, options);
    const aggregate = this.#aggregateOf(parsed);
    await this.#parts.writer.write((staging) => {
      if (this.#doneBefore(staging, options, aggregate) === null) {
        this.#change(staging, parsed, aggregate, options);
      }
    });
    return aggregate;
  }

  async #open(command: Opening, options: SubmitOptions): Promise<string> {
    const { lookupBackup, runtime, writer } = this.#parts;
    // One catalogue for the whole decision: a reload may come while the backup is looked up.
    const catalogue = this.#parts.catalogue();
    const services = catalogue.services.filter(({ name }) => name === command.service);
    const restorable = await restorableTimes(services, runtime.now(), lookupBackup, runtime);
    let aggregate = '';
    await writer.write((staging) => {
      const open = (): string => {
        const context = this.#context(staging, options);
        return `incident/${takeOpening(staging, command, catalogue, restorable, context)}`;
      };
      aggregate = this.#doneBefore(staging, options, 'incident') ?? open();
    });
    return aggregate;
  }

  #change(staging: Staging, command: Change, aggregate: string, options: SubmitOptions): void {
    const { catalogue, people } = this.#parts;
    const context = this.#context(staging, options);
    const [, id] = splitAggregate(aggregate);
    if (isProblemCommand(command)) {
      staging.decideProblem(id, command, context);
      return;
    }
    const personOf = (name: string): string => people.idOf(name, staging);
    takeIncidentCommand(staging, id, command, { catalogue: catalogue(), personOf, context });
  }

  /** The aggregate a command names; `not_found` when there is none. */
  #aggregateOf(command: Change): string {
    const { reader } = this.#parts;
    const kind = isProblemCommand(command) ? 'problem' : 'incident';
    const found = kind === 'problem' ? reader.findProblem(command.id) : reader.findIncident(command.id);
    if (found === undefined) throw new PlimsollError('not_found', `there is no ${kind} ${command.id}`);
    return `${kind}/${found.id}`;
  }

  /** The aggregate an idempotency key was used for before; `conflict` when that was something else. */
  #doneBefore(staging: Staging, { idempotencyKey: key }: SubmitOptions, expected: string): string | null {
    if (key === undefined) return null;
    const aggregate = staging.aggregateOfKey(key) ?? this.#parts.journal.byIdempotencyKey(key)?.aggregate;
    if (aggregate === undefined) return null;
    if (aggregate === expected || splitAggregate(aggregate)[0] === expected) return aggregate;
    throw new PlimsollError('conflict', `idempotency key ${key} was used for ${aggregate}`);
  }

  #context(staging: Staging, { actor, idempotencyKey }: SubmitOptions): OperationContext {
    const { contextFor, people } = this.#parts;
    return contextFor(people.actorOf(actor, staging), idempotencyKey ?? null);
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
