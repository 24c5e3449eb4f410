import { Collection } from './collect/collection.ts';
import type { CollectContext, Collector } from './collect/collector.ts';
import { makeCollectors } from './collect/make-collectors.ts';
import { PseudoFiles } from './collect/pseudo-files.ts';
import { selfCollector } from './collect/self.ts';
import { TextPage } from './exposition/text-page.ts';
import { Framer } from './frame/framer.ts';
import { SeriesTable } from './frame/series-table.ts';
import type { StoredIdentity } from './identity-file.ts';
import { PAGE_FRESHNESS_MS } from './limits.ts';
import type { Log } from './log.ts';
import type { AgentOptions } from './options.ts';
import { delayToNext, frameTimestamp, schedulePhase, type Schedule } from './schedule.ts';
import type { Spool } from './spool/spool.ts';
import type { Uplink } from './uplink/uplink.ts';

export interface CollectingParts {
  readonly spool: Spool;
  readonly uplink: Uplink;
  readonly log: Log;
  readonly now: () => number;
}

/** Collects at every interval, hands each frame to the spool and then to the uplink; renders the page. */
export class Collecting implements AsyncDisposable {
  readonly #parts: CollectingParts;
  readonly #schedule: Schedule;
  readonly #files: PseudoFiles;
  readonly #collection: Collection;
  readonly #framer: Framer;
  readonly #page: TextPage;
  readonly #self: () => void;
  /** The collection under way, or the last one: they follow each other, since they share the table. */
  #running: Promise<void> = Promise.resolve();
  #collectedAt = Number.NEGATIVE_INFINITY;
  #collectionSeconds = 0;
  #frames = 0;
  #missed = 0;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  private constructor(
    schedule: Schedule,
    table: SeriesTable,
    files: PseudoFiles,
    collectors: ReadonlyMap<string, Collector>,
    parts: CollectingParts & { readonly epoch: number },
  ) {
    this.#parts = parts;
    this.#schedule = schedule;
    this.#files = files;
    this.#collection = new Collection(table, collectors, parts);
    this.#framer = new Framer(table, parts.epoch);
    this.#page = new TextPage(table);
    this.#self = selfCollector(table, () => ({
      framesCollected: this.#frames,
      collectionSeconds: this.#collectionSeconds,
      collectionsMissed: this.#missed,
      uplink: parts.uplink.stats,
      spool: parts.spool.stats,
    }));
  }

  /** Everything for the collectors the options ask for; nothing is collected yet. @throws StartError */
  static async create(
    options: AgentOptions,
    identity: StoredIdentity,
    parts: CollectingParts,
  ): Promise<Collecting> {
    const { collectIntervalMs: intervalMs, paths, textfileDirectories } = options;
    const schedule = { intervalMs, phaseMs: schedulePhase(identity.agentId, intervalMs) };
    const table = new SeriesTable();
    const files = new PseudoFiles();
    const { log, now } = parts;
    const context: CollectContext = { paths, textfileDirectories, files, table, log, now };
    const collectors = await makeCollectors(options.collectors, context);
    return new Collecting(schedule, table, files, collectors, { ...parts, epoch: identity.epoch });
  }

  /** Makes the first frame at once, then one at every planned instant. */
  async start(): Promise<void> {
    await this.#tick();
    this.#plan();
  }

  /** Whether frames are being made as planned. */
  isFresh(): boolean {
    return performance.now() - this.#collectedAt < 3 * this.#schedule.intervalMs;
  }

  /** The page, of values that are at most a second old. */
  async page(): Promise<string> {
    if (performance.now() - this.#collectedAt > PAGE_FRESHNESS_MS) await this.#collect();
    else await this.#running;
    return this.#page.render();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
    this.#files[Symbol.dispose]();
  }

  #plan(): void {
    if (this.#stopped) return;
    const { now } = this.#parts;
    this.#timer = setTimeout(() => void this.#tickOnTime(), delayToNext(this.#schedule, now()));
  }

  async #tickOnTime(): Promise<void> {
    const startedAt = performance.now();
    await this.#tick();
    this.#missed += Math.floor((performance.now() - startedAt) / this.#schedule.intervalMs);
    this.#plan();
  }

  async #tick(): Promise<void> {
    const { spool, uplink, now } = this.#parts;
    const timestampMs = frameTimestamp(this.#schedule, now());
    await this.#collect(() => {
      const frame = this.#framer.take(timestampMs);
      this.#frames++;
      spool.append(frame);
      uplink.offer(frame);
    });
  }

  /** One collection after those before it; `use` sees its values before the next one overwrites them. */
  async #collect(use?: () => void): Promise<void> {
    const before = this.#running;
    const run = async (): Promise<void> => {
      await before;
      if (this.#stopped) return;
      const startedAt = performance.now();
      this.#files.begin();
      await this.#collection.run();
      this.#self();
      this.#collectedAt = performance.now();
      this.#collectionSeconds = (this.#collectedAt - startedAt) / 1000;
      use?.();
    };
    this.#running = run();
    await this.#running;
  }
}
