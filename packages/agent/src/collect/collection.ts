import { gauge, sortedLabels } from '../frame/series.ts';
import type { SeriesTable } from '../frame/series-table.ts';
import { type Log, LogLimit } from '../log.ts';
import { type Collector, NoData } from './collector.ts';

const DURATION = gauge(
  'node_scrape_collector_duration_seconds',
  'node_exporter: Duration of a collector scrape.',
);
const SUCCESS = gauge('node_scrape_collector_success', 'node_exporter: Whether a collector succeeded.');

interface Entry {
  readonly name: string;
  readonly collector: Collector;
  readonly first: number;
}

/** Runs all collectors into one table, and tells of each how long it took and whether it succeeded. */
export class Collection {
  readonly #table: SeriesTable;
  readonly #entries: readonly Entry[];
  readonly #log: Log;
  readonly #limit: LogLimit;

  constructor(
    table: SeriesTable,
    collectors: ReadonlyMap<string, Collector>,
    { log, now }: { readonly log: Log; readonly now: () => number },
  ) {
    this.#table = table;
    this.#log = log;
    this.#limit = new LogLimit(now);
    this.#entries = [...collectors].map(([name, collector]) => {
      const labels = sortedLabels({ collector: name });
      return {
        name,
        collector,
        first: table.add([
          { family: DURATION, labels },
          { family: SUCCESS, labels },
        ]),
      };
    });
  }

  /** One collection into the table. A collector that fails leaves the others alone. */
  async run(): Promise<void> {
    this.#table.begin();
    for (const { name, collector, first } of this.#entries) {
      const startedAt = performance.now();
      const success = await this.#collect(name, collector);
      this.#table.set(first, (performance.now() - startedAt) / 1000);
      this.#table.set(first + 1, success ? 1 : 0);
    }
  }

  async #collect(name: string, collector: Collector): Promise<boolean> {
    try {
      const pending = collector.collect();
      if (pending !== undefined) await pending;
      return true;
    } catch (error) {
      const passed = error instanceof NoData ? undefined : this.#limit.pass(name);
      if (passed !== undefined) {
        this.#log.warn(
          { collector: name, err: error, ...passed },
          'a collector failed: its series have a gap',
        );
      }
      return false;
    }
  }
}
