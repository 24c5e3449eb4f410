import path from 'node:path';
import { Labels, type SeriesColumns } from '@plimsoll/promql';
import { PlimsollError } from '../errors.ts';
import { isThere } from '../is-there.ts';
import type { Runtime } from '../runtime.ts';
import { type EmbeddedTelemetryStore, openEmbeddedStore } from '../telemetry/embedded/open-embedded-store.ts';
import type { EmbeddedStoreOptions } from '../telemetry/embedded/store-options.ts';
import { type MetricMetadata, NO_SERIES, type TelemetryStore } from '../telemetry/store.ts';
import { coveringSelector } from './covering-selector.ts';
import {
  MAX_BATCH_SAMPLES,
  type TransferRange,
  type TransferSource,
  type TransferTarget,
  weightIn,
} from './endpoint.ts';
import { toWriteBatch } from './to-write-batch.ts';

/** What of the collector's configuration matters to history that is put behind its data. */
export interface DirectoryLimits {
  readonly retentionTimeMs: number;
  readonly retentionSizeBytes: number;
  readonly freeSpaceReserveBytes: number;
  readonly maxSeries: number;
}

/** Series read together at first, before their density is known, and at most. */
const FIRST_SERIES = 100;
const MAX_SERIES = 2_000;

/** The store's own windows: each is sealed once. */
const WINDOW_MS = 2 * 3600 * 1000;
/** The store rearranges what was written once there is this much: its head holds it in memory until then. */
const SETTLE_SAMPLES = 400_000;

/** One commit at a time is waited for: it need not wait for others to join it. */
const COMMIT_INTERVAL_MS = 2;

/** The telemetry of a collector that is stopped, by its storage path, to read. */
export async function openDirectorySource(storagePath: string, runtime: Runtime): Promise<TransferSource> {
  if (!isThere(path.join(storagePath, 'telemetry', 'store.json'))) {
    throw new PlimsollError(
      'not_found',
      `there is no telemetry in ${storagePath}: name the storage path of a collector, or an address that begins with http://`,
    );
  }
  return new DirectorySource(storagePath, await openStore(storagePath, runtime, {}));
}

/** The same to write: history goes behind what is there, series by series. Made where it is missing. */
export async function openDirectoryTarget(
  storagePath: string,
  runtime: Runtime,
  limits: DirectoryLimits,
): Promise<TransferTarget> {
  const store = await openStore(storagePath, runtime, {
    freeSpaceReserveBytes: limits.freeSpaceReserveBytes,
    maxSeries: limits.maxSeries,
    // What is too old was left out before; here nothing may be refused for its age alone.
    outOfOrderWindowMs: Infinity,
    retentionTimeMs: Infinity,
    commitIntervalMs: COMMIT_INTERVAL_MS,
  });
  return new DirectoryTarget(storagePath, store, limits, runtime.now());
}

async function openStore(
  storagePath: string,
  runtime: Runtime,
  options: Partial<EmbeddedStoreOptions>,
): Promise<EmbeddedTelemetryStore> {
  try {
    return await openEmbeddedStore({ path: path.join(storagePath, 'telemetry'), runtime, options });
  } catch (error) {
    if (!(error instanceof PlimsollError) || error.code !== 'locked') throw error;
    throw new PlimsollError(
      'locked',
      `${storagePath} is in use: stop the collector that runs there, or give its address instead of its path`,
      { cause: error },
    );
  }
}

class DirectorySource implements TransferSource {
  readonly name: string;
  readonly settlesWithinMs = 0;
  readonly #store: TelemetryStore;

  constructor(name: string, store: TelemetryStore) {
    this.name = name;
    this.#store = store;
  }

  oldestMs(): Promise<number | null> {
    return Promise.resolve(this.#store.stats().oldestMs);
  }

  async *read(
    { selectors, startMs, endMs }: TransferRange,
    signal: AbortSignal,
  ): AsyncGenerator<readonly SeriesColumns[]> {
    const known = await this.#store.series(selectors, startMs, endMs);
    const series = known.toSorted((a, b) => Labels.compare(a, b));
    let count = FIRST_SERIES;
    for (let from = 0; from < series.length;) {
      signal.throwIfAborted();
      const group = series.slice(from, from + count);
      from += group.length;
      const found = await readSeries(this.#store, group, startMs, endMs);
      const batch = [...found.values()];
      yield batch.sort((a, b) => Labels.compare(a.labels, b.labels));
      const density = Math.max(1, weightIn(batch) / group.length);
      count = Math.min(MAX_SERIES, Math.max(1, Math.floor(MAX_BATCH_SAMPLES / density)));
    }
  }

  metadata(): Promise<readonly MetricMetadata[]> {
    return Promise.resolve(this.#store.metadata());
  }

  remarks(): readonly string[] {
    return [];
  }

  labelNames({ selectors, startMs, endMs }: TransferRange): Promise<readonly string[]> {
    return this.#store.labelNames(selectors, startMs, endMs);
  }

  labelValues(name: string, { selectors, startMs, endMs }: TransferRange): Promise<readonly string[]> {
    return this.#store.labelValues(name, selectors, startMs, endMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store[Symbol.asyncDispose]();
  }
}

/** The samples of these series, by the key of their labels. */
async function readSeries(
  store: TelemetryStore,
  series: readonly Labels[],
  startMs: number,
  endMs: number,
): Promise<Map<string, SeriesColumns>> {
  const keys = new Set(series.map(({ key }) => key));
  const found = await store.select({ matchers: coveringSelector(series), startMs, endMs });
  return new Map(
    found.filter(({ labels }) => keys.has(labels.key)).map((columns) => [columns.labels.key, columns]),
  );
}

class DirectoryTarget implements TransferTarget {
  readonly name: string;
  readonly keptFromMs: number;
  readonly windowMs = WINDOW_MS;
  readonly comparesAlways = true;
  readonly #store: EmbeddedTelemetryStore;
  readonly #limits: DirectoryLimits;
  #durable: Promise<void> = Promise.resolve();
  #unsettled = 0;

  constructor(name: string, store: EmbeddedTelemetryStore, limits: DirectoryLimits, nowMs: number) {
    this.name = name;
    this.#store = store;
    this.#limits = limits;
    this.keptFromMs = nowMs - limits.retentionTimeMs;
  }

  readBack = async (
    series: readonly Labels[],
    startMs: number,
    endMs: number,
  ): Promise<ReadonlyMap<string, SeriesColumns>> => readSeries(this.#store, series, startMs, endMs);

  setMetadata(families: readonly MetricMetadata[]): Promise<void> {
    this.#store.setMetadata(families);
    return Promise.resolve();
  }

  async write(batch: readonly SeriesColumns[]): Promise<void> {
    const refs = this.#store.internSeries(batch.map(({ labels }) => labels));
    if (refs.includes(NO_SERIES)) {
      throw new PlimsollError(
        'resource_exhausted',
        `${this.name} is to hold at most ${this.#limits.maxSeries} series: raise ingest.maxSeriesTotal in the collector's ` +
          'configuration and name it with --config.file, or copy fewer with --match',
      );
    }
    const { timestampsMs, values, histograms, startTimestampsMs, ...places } = toWriteBatch(batch);
    const columns = {
      refs: places.refs.map((place) => refs[place] ?? NO_SERIES),
      timestampsMs,
      values,
      ...(histograms && { histograms }),
      ...(startTimestampsMs && { startTimestampsMs }),
    };
    // One batch is on its way to the disk while the next one is read.
    await this.#durable;
    const { durable } = this.#store.appendSamples(columns);
    durable.catch(() => undefined);
    this.#durable = durable;
    this.#unsettled += weightIn(batch);
    if (this.#unsettled >= SETTLE_SAMPLES) await this.#settle();
  }

  async flush(): Promise<void> {
    await this.#durable;
  }

  remarks(): readonly string[] {
    const { diskBytes } = this.#store.stats();
    if (diskBytes <= this.#limits.retentionSizeBytes) return [];
    const [has, keeps] = [diskBytes, this.#limits.retentionSizeBytes].map(inGib);
    return [
      `${this.name} now has ${has} GiB of telemetry and its collector keeps ${keeps} GiB: it will delete the oldest ` +
        'days; raise storage.retention.size in its configuration before it starts',
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await using _ = this.#store;
    // What could not be written has been told of, and cannot be rearranged either.
    const isDurable = await this.#durable.then(
      () => true,
      () => false,
    );
    if (isDurable && this.#unsettled > 0) await this.#settle();
  }

  async #settle(): Promise<void> {
    this.#unsettled = 0;
    await this.#durable;
    await this.#store.compact();
  }
}

function inGib(bytes: number): string {
  return (bytes / 1024 ** 3).toFixed(1);
}
