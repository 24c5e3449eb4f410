import { PlimsollError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import type { JournalEvent } from './journal/event.ts';
import type { Journal } from './journal/journal.ts';
import { LIMITS } from './limits.ts';
import type { DeskMemory } from './memory.ts';
import type { DeskMetrics } from './metrics.ts';
import { Staging } from './staging.ts';

interface Operation {
  readonly run: (staging: Staging) => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The only way into the journal: operations wait in line, those of one turn of the event loop share a commit. An
 * operation sees what the ones before it decided; one that is refused leaves the others alone.
 */
export class Writer {
  readonly #journal: Journal;
  readonly #memory: DeskMemory;
  readonly #runtime: Runtime;
  readonly #metrics: DeskMetrics;
  readonly #afterStaging: (staging: Staging) => void;
  readonly #afterCommit: (events: readonly JournalEvent[], staging: Staging) => void;
  #queue: Operation[] = [];
  #closed = false;
  #scheduled = false;

  constructor(options: {
    readonly journal: Journal;
    readonly memory: DeskMemory;
    readonly runtime: Runtime;
    readonly metrics: DeskMetrics;
    /** Adds what follows from all that was staged. */
    readonly afterStaging: (staging: Staging) => void;
    readonly afterCommit: (events: readonly JournalEvent[], staging: Staging) => void;
  }) {
    this.#journal = options.journal;
    this.#memory = options.memory;
    this.#runtime = options.runtime;
    this.#metrics = options.metrics;
    this.#afterStaging = options.afterStaging;
    this.#afterCommit = options.afterCommit;
  }

  /** Runs an operation; what it staged is durable when the promise resolves. */
  write(run: (staging: Staging) => void): Promise<void> {
    if (this.#closed) return Promise.reject(new PlimsollError('unavailable', 'the desk is closed'));
    if (this.#queue.length >= LIMITS.queuedOperations) {
      return Promise.reject(
        new PlimsollError(
          'resource_exhausted',
          `${this.#queue.length} operations wait for the journal already: try again later`,
        ),
      );
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#queue.push({ run, resolve, reject });
    this.#schedule();
    return promise;
  }

  /** Commits all that waits, and takes no more. */
  close(): void {
    this.#closed = true;
    while (this.#queue.length > 0) this.#commitNext();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#commitNext();
      if (this.#queue.length > 0) this.#schedule();
    });
  }

  #commitNext(): void {
    const operations = this.#queue.splice(0, LIMITS.operationsPerCommit);
    let waiting = operations;
    try {
      this.#memory.catchUp(this.#journal);
      const staging = new Staging(this.#memory, this.#runtime.now());
      waiting = operations.filter((operation) => this.#stage(operation, staging));
      this.#commit(staging);
      for (const { resolve } of waiting) resolve();
    } catch (error) {
      this.#metrics.failures.inc();
      this.#runtime.log.error({ err: error, operations: waiting.length }, 'the journal refused a commit');
      for (const { reject } of waiting) reject(PlimsollError.from(error, 'unavailable'));
    }
  }

  #stage({ run, reject }: Operation, staging: Staging): boolean {
    try {
      run(staging);
      return true;
    } catch (error) {
      reject(error);
      return false;
    }
  }

  #commit(staging: Staging): void {
    if (staging.entries.length === 0) return;
    this.#afterStaging(staging);
    const endTimer = this.#metrics.commitSeconds.startTimer();
    const events = this.#journal.append(staging.batch);
    endTimer();
    this.#metrics.events.inc(events.length);
    this.#project(staging);
    this.#afterCommit(events, staging);
  }

  /** The events are durable whether or not the tables take them: those catch up before the next operation. */
  #project(staging: Staging): void {
    try {
      this.#memory.commit(staging, this.#journal.head.position);
    } catch (error) {
      this.#runtime.log.warn({ err: error }, 'the read tables lag behind the journal; they will catch up');
    }
  }
}
