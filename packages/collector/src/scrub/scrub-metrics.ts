import { Counter, Gauge, type Registry } from 'prom-client';

const STORE = 'plimsoll_store_damaged_files';
const STATE = 'plimsoll_state_damaged_files';

/** What the scrub tells /metrics; files it finds damaged count beside those that the start found. */
export class ScrubMetrics {
  readonly #registry: Registry;
  readonly #countedAtStart: ReadonlySet<string>;
  readonly #bytes: Counter;
  readonly #completed: Gauge;

  constructor(registry: Registry, countedAtStart: ReadonlySet<string>) {
    this.#registry = registry;
    this.#countedAtStart = countedAtStart;
    const registers = [registry];
    this.#bytes = new Counter({
      name: 'plimsoll_scrub_bytes_total',
      help: 'Bytes of stored files that were read in the background to compare them with their checksums.',
      registers,
    });
    this.#completed = new Gauge({
      name: 'plimsoll_scrub_last_completed_timestamp_seconds',
      help: 'When all stored files were last compared with their checksums; 0 before the first time.',
      registers,
    });
  }

  read(bytes: number): void {
    this.#bytes.inc(bytes);
  }

  completed(atMs: number): void {
    this.#completed.set(atMs / 1000);
  }

  found(file: string): void {
    this.#gaugeOf(file)?.inc();
  }

  mended(file: string): void {
    this.#gaugeOf(file)?.dec();
  }

  #gaugeOf(file: string): Gauge | undefined {
    if (this.#countedAtStart.has(file)) return undefined;
    const gauge = this.#registry.getSingleMetric(file.startsWith('telemetry/') ? STORE : STATE);
    return gauge instanceof Gauge ? gauge : undefined;
  }
}
