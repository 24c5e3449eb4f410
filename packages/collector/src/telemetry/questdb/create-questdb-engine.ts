import type { Labels, Matcher, SelectRequest, SeriesColumns } from '@plimsoll/promql';
import { Counter, Gauge } from 'prom-client';
import { PlimsollError } from '../../errors.ts';
import { LOG_REPEAT_MS } from '../../limits.ts';
import { limitRepeats } from '../../log-limit.ts';
import type { LongTermBatch, LongTermEngine } from '../long-term/long-term-engine.ts';
import { Layout } from './layout.ts';
import { SETTLE_MS } from './limits.ts';
import { withConnection } from './post-lines.ts';
import { QuestdbClient } from './questdb-client.ts';
import type { QuestdbOptions } from './questdb-options.ts';
import { selectDetails } from './read-details.ts';
import { listSeries, selectShared, seriesOfShared } from './read-shared.ts';
import { selectWide, seriesOfWide } from './read-wide.ts';
import { SamplesBySeries } from './samples.ts';
import { toSelection } from './selection.ts';
import { Tables } from './tables.ts';
import { BatchWriter, checkTimes, type Written } from './write-batch.ts';

/** The version of the server's line protocol that we write. */
const LINE_PROTOCOL = 2;

const SUSPENDED =
  'QuestDB acknowledges writes to some tables and does not apply them, usually since its disk was full: ' +
  'free space, then run ALTER TABLE ... RESUME WAL';

/** Keeps telemetry in a QuestDB 9 server: written over HTTP in its line protocol, read over HTTP in SQL. */
export function createQuestdbEngine(options: QuestdbOptions): LongTermEngine {
  return new QuestdbEngine(checked(options));
}

class QuestdbEngine implements LongTermEngine {
  readonly name = 'questdb';
  readonly settleMs = SETTLE_MS;
  readonly histograms = 'kept';
  readonly #options: QuestdbOptions;
  readonly #client: QuestdbClient;
  readonly #tables: Tables;
  readonly #layout: Layout;
  readonly #writer: BatchWriter;
  readonly #ended = new AbortController();
  readonly #count: (written: Written) => void;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: QuestdbOptions) {
    const prefix = options.tablePrefix ?? 'plimsoll_';
    const warn = limitRepeats(options.runtime, LOG_REPEAT_MS);
    this.#options = options;
    this.#client = new QuestdbClient(options);
    this.#tables = new Tables(this.#client, prefix, options.runtime.now, (suspended) => {
      if (suspended.length > 0) warn('suspended', { tables: suspended }, SUSPENDED);
    });
    this.#layout = new Layout(prefix);
    this.#writer = new BatchWriter(this.#layout, this.#tables.shared);
    this.#count = registerMetrics(options, this.#tables);
  }

  async probe(signal: AbortSignal): Promise<void> {
    const { version, acceptsWrites, lineProtocols } = await this.#client.settings(signal);
    if (!acceptsWrites || !lineProtocols.includes(LINE_PROTOCOL)) {
      throw new PlimsollError(
        'configuration',
        `QuestDB ${version} at ${this.#client.url.origin} takes no writes of line protocol ${LINE_PROTOCOL} over HTTP: ` +
          'use release 9 or later, not read-only',
      );
    }
    this.#tables.forget();
    this.#writer.forget();
    this.#layout.use(await this.#tables.current(signal));
  }

  async write(batch: LongTermBatch, signal: AbortSignal): Promise<void> {
    checkTimes(batch);
    const turn = this.#turn.then(() => this.#write(batch, AbortSignal.any([signal, this.#ended.signal])));
    this.#turn = turn.catch(() => undefined);
    await turn;
  }

  async select(request: SelectRequest, signal?: AbortSignal): Promise<readonly SeriesColumns[]> {
    const either = signal === undefined ? this.#ended.signal : AbortSignal.any([signal, this.#ended.signal]);
    return this.#read(async () => {
      const { wide } = await this.#tables.current(either);
      const selection = toSelection(request.matchers);
      const samples = new SamplesBySeries();
      for (const table of wide) await selectWide(this.#client, table, selection, request, samples, either);
      const { shared } = this.#tables;
      const listed = await listSeries(this.#client, shared, selection, request, either);
      if (listed.series.size > 0) {
        await selectShared(this.#client, shared, listed, request, samples, either);
        await selectDetails(this.#client, shared, listed, request, samples, either);
      }
      return samples.columns();
    });
  }

  async series(
    selectors: readonly (readonly Matcher[])[],
    startMs: number,
    endMs: number,
  ): Promise<readonly Labels[]> {
    return this.#read(async () => {
      const { wide } = await this.#tables.current(this.#ended.signal);
      const found = new Map<string, Labels>();
      for (const matchers of selectors.length === 0 ? [[]] : selectors) {
        const selection = toSelection(matchers);
        const lists = [await seriesOfShared(this.#client, this.#tables.shared, selection, startMs, endMs)];
        for (const table of wide) {
          lists.push(await seriesOfWide(this.#client, table, selection, startMs, endMs));
        }
        for (const labels of lists.flat()) found.set(labels.key, labels);
      }
      return [...found.values()];
    });
  }

  async labelNames(
    selectors: readonly (readonly Matcher[])[],
    startMs: number,
    endMs: number,
  ): Promise<readonly string[]> {
    const names = new Set<string>();
    for (const labels of await this.series(selectors, startMs, endMs)) {
      for (const [name] of labels.entries()) names.add(name);
    }
    return [...names].toSorted();
  }

  async labelValues(
    name: string,
    selectors: readonly (readonly Matcher[])[],
    startMs: number,
    endMs: number,
  ): Promise<readonly string[]> {
    const series = await this.series(selectors, startMs, endMs);
    const values = new Set(series.map((labels) => labels.get(name)).filter((value) => value !== ''));
    return [...values].toSorted();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort(new PlimsollError('unavailable', 'the connection to QuestDB is being closed'));
    await this.#turn;
  }

  async #write(batch: LongTermBatch, signal: AbortSignal): Promise<void> {
    try {
      await withConnection(this.#options, signal, async (post, either) => {
        this.#layout.use(await this.#tables.current(either));
        const arranged = this.#writer.arrange(batch);
        const wanted = this.#layout.wanted();
        if (wanted.length > 0) this.#layout.use(await this.#tables.create(wanted, either));
        this.#count(await this.#writer.write(arranged, post, either));
      });
    } catch (error) {
      // The server may have been replaced or its tables changed: look again before the next attempt.
      this.#tables.forget();
      this.#writer.forget();
      throw error;
    }
  }

  /** A table may have been dropped since it was last seen: looks again and reads once more. */
  async #read<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof PlimsollError) || error.details['status'] !== 400) throw error;
      this.#tables.forget();
      return read();
    }
  }
}

function checked(options: QuestdbOptions): QuestdbOptions {
  const url = URL.canParse(options.url) ? new URL(options.url) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.username !== '') {
    throw new PlimsollError(
      'configuration',
      `QuestDB's address has to look like http://127.0.0.1:9000, without a path or a user, not ${options.url}`,
    );
  }
  const prefix = options.tablePrefix ?? 'plimsoll_';
  if (!/^[a-z][a-z0-9_]{0,30}$/.test(prefix)) {
    throw new PlimsollError(
      'configuration',
      `the prefix of QuestDB's tables has to be up to 31 lower-case letters, digits and underscores, not "${prefix}"`,
    );
  }
  return options;
}

function registerMetrics({ runtime }: QuestdbOptions, tables: Tables): (written: Written) => void {
  const registers = [runtime.metrics];
  const samples = new Counter({
    name: 'plimsoll_questdb_samples_total',
    help: 'Samples QuestDB acknowledged, by the kind of table they went to; repeated ones count again.',
    labelNames: ['table'],
    registers,
  });
  const gauge = (name: string, help: string, read: () => number): void => {
    const metric: Gauge = new Gauge({ name, help, registers, collect: () => metric.set(read()) });
  };
  gauge(
    'plimsoll_questdb_wide_tables',
    'Tables with a column a metric that QuestDB holds for us.',
    () => tables.seen.wide.length,
  );
  gauge(
    'plimsoll_questdb_suspended_tables',
    'Tables that QuestDB acknowledges writes to without applying them.',
    () => tables.seen.suspended.length,
  );
  return ({ wide, shared, details }) => {
    samples.inc({ table: 'details' }, details);
    samples.inc({ table: 'wide' }, wide);
    samples.inc({ table: 'shared' }, shared);
  };
}
