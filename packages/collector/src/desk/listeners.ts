import type { Runtime } from '../runtime.ts';
import type { JournalEvent } from './journal/event.ts';
import type { DeskMetrics } from './metrics.ts';

type Listener = (event: JournalEvent) => void;

/** Tells durable events to whoever listens; one that fails disturbs nobody else. */
export class Listeners {
  readonly #listeners = new Set<Listener>();
  readonly #runtime: Runtime;
  readonly #metrics: DeskMetrics;

  constructor(runtime: Runtime, metrics: DeskMetrics) {
    this.#runtime = runtime;
    this.#metrics = metrics;
  }

  add(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  tell(events: readonly JournalEvent[]): void {
    for (const event of events) for (const listener of this.#listeners) this.#tellOne(listener, event);
  }

  #tellOne(listener: Listener, event: JournalEvent): void {
    try {
      listener(event);
    } catch (error) {
      this.#metrics.listenerFailures.inc();
      this.#runtime.log.error({ err: error, event: event.id, type: event.type }, 'a listener failed');
    }
  }
}
