import type { Catalogue } from '../catalogue/catalogue.ts';
import { ownersOf } from '../catalogue/owners.ts';
import type { FileConfig } from '../config/config.ts';
import { PlimsollError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { needsLookup, restorableTimes } from './backup-lookup.ts';
import type { BackupLookup } from './backup-lookup.ts';
import { LIMITS } from './limits.ts';
import type { DeskMemory } from './memory.ts';
import type { DeskMetrics } from './metrics.ts';
import { conditionKeyOf, ruleHashOf, signatureOf } from './signature.ts';
import type { RecoverySignal, Signal } from './signal.ts';
import type { OperationContext } from './staging.ts';
import { isKnown, takeSignal } from './take-signal.ts';
import { Turns } from './turns.ts';
import type { Writer } from './writer.ts';

export interface IntakeParts {
  readonly memory: DeskMemory;
  readonly writer: Writer;
  readonly runtime: Runtime;
  readonly metrics: Pick<DeskMetrics, 'droppedSignals'>;
  readonly lookupBackup: BackupLookup;
  /** What is in force now: both are replaced by a reload. */
  readonly catalogue: () => Catalogue;
  readonly config: () => FileConfig['desk'];
  readonly contextFor: (ruleHash: string) => OperationContext;
}

/**
 * Takes signals. Those of one signature keep their order; one that says nothing new, such as the repeats of a firing
 * rule, ends here without waiting for anything.
 */
export class SignalIntake {
  readonly #parts: IntakeParts;
  readonly #turns = new Turns();
  /** Recoveries the journal could not take. They are told once only, so they are kept until it can. */
  readonly #refused = new Map<string, RecoverySignal>();

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  async signal(signal: Signal): Promise<void> {
    const signature = signatureOf(signal.rule, signal.labels);
    const condition = `${signature} ${conditionKeyOf(signal)}`;
    this.#refused.delete(condition);
    if (!this.#turns.isBusy(signature) && this.#isKnown(signal, signature)) return;
    try {
      await this.#queue(signal, signature);
    } catch (error) {
      // A breach that still holds comes again by itself.
      if (signal.kind === 'recovery') this.#keep(condition, signal);
      throw error;
    }
  }

  /** Tries again what was refused; called each second. */
  async retry(): Promise<void> {
    for (const signal of this.#refused.values()) {
      try {
        await this.signal(signal);
      } catch (error) {
        this.#parts.runtime.log.debug({ err: error }, 'a recovery still waits for the journal');
        return;
      }
    }
  }

  #keep(condition: string, signal: RecoverySignal): void {
    if (this.#refused.size < LIMITS.queuedOperations) {
      this.#refused.set(condition, signal);
      return;
    }
    this.#parts.metrics.droppedSignals.inc();
    this.#parts.runtime.log.error({ rule: signal.rule }, 'too many recoveries wait: this one is lost');
  }

  async #queue(signal: Signal, signature: string): Promise<void> {
    if (this.#turns.size >= LIMITS.queuedOperations) {
      throw new PlimsollError(
        'resource_exhausted',
        `signals of ${this.#turns.size} signatures wait already: this one is refused, its repeat will be taken`,
      );
    }
    await this.#turns.run(signature, () => this.#take(signal, signature));
  }

  #isKnown(signal: Signal, signature: string): boolean {
    const { memory, config, runtime } = this.#parts;
    return isKnown(signal, memory.latestIncident(signature), config(), runtime.now());
  }

  async #take(signal: Signal, signature: string): Promise<void> {
    const { catalogue, config, contextFor, lookupBackup, runtime, writer } = this.#parts;
    if (this.#isKnown(signal, signature)) return;
    // One catalogue for the whole decision: a reload may come while the backup is looked up.
    const current = catalogue();
    const services = ownersOf(current, signal.labels);
    const restorable =
      signal.kind === 'breach' && needsLookup(services)
        ? await restorableTimes(services, signal.onsetAtMs, lookupBackup, runtime)
        : neverBackedUp(services);
    const context = contextFor(ruleHashOf(signal));
    await writer.write((staging) => {
      takeSignal(staging, signal, {
        signature,
        catalogue: current,
        config: config(),
        services,
        restorableToMs: restorable,
        context,
      });
    });
  }
}

function neverBackedUp(services: readonly { readonly name: string }[]): ReadonlyMap<string, null> {
  return new Map(services.map(({ name }) => [name, null]));
}
