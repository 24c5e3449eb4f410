import assert from 'node:assert/strict';
import { cpSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { Labels } from '@plimsoll/promql';
import pino from 'pino';
import { Registry } from 'prom-client';
import { vi } from 'vitest';
import type { DyingWriterOptions } from './dying-writer.ts';
import { type EmbeddedTelemetryStore, openEmbeddedStore } from './open-embedded-store.ts';
import type { EmbeddedStoreOptions, StartWriter } from './store-options.ts';
import { faultText } from './verify/fault.ts';
import { verifyStore } from './verify/verify-store.ts';
import { startWriterThread } from './writer/writer-port.ts';
import type { CutFile } from './writer/writer-protocol.ts';

/** Up to as many effects on files of a writer are survived. */
const MAX_EFFECTS = 80;
const WAYS: readonly DyingWriterOptions['how'][] = ['exit', 'throw'];
const BASE_MS = 1_800_000_000_000;
const STEP_MS = 600_000;
const BATCH = 8;
const AGENTS = ['alpha', 'beta'];
const DAY_MS = 86_400_000;

interface LogLine {
  readonly level: number;
  readonly msg: string;
}

function timeOf(step: number): number {
  return BASE_MS + step * STEP_MS;
}

/** A store under load whose writer dies again and again; it sends again what was not acknowledged. */
export class MortalLife {
  readonly path: string;
  readonly deaths: string[] = [];
  readonly #random: () => number;
  readonly #wanted: number;
  readonly #lines: LogLine[] = [];
  readonly #registry = new Registry();
  #steps = 0;
  #acknowledged = 0;
  readonly #refused = new Set<number>();
  #crash: { readonly path: string; readonly acknowledged: number } | undefined;
  /** Of cuts. */
  readonly #lost: string[] = [];
  #done = false;

  constructor(path: string, random: () => number, wanted: number) {
    this.path = path;
    this.#random = random;
    this.#wanted = wanted;
  }

  async run(): Promise<void> {
    {
      await using store = await this.#open(this.path, { writer: { start: this.#start } });
      const maintained = this.#maintain(store);
      while (this.deaths.length < this.#wanted) await this.#sendBatch(store);
      this.#done = true;
      await maintained;
      await this.#writable(store);
      await this.#sendBatch(store);
      await this.#expectOnce(store, this.#steps);
      await store.compact();
      await this.#expectOnce(store, this.#steps);
      await this.#expectTold();
      assert.deepEqual(this.#lost, []);
    }
    {
      await using store = await this.#open(this.path, {});
      await this.#expectOnce(store, this.#steps);
    }
    assert.deepEqual((await verifyStore(this.path)).faults.map(faultText), []);
    // What a kill at a death would have left.
    if (this.#crash === undefined) return;
    assert.deepEqual((await verifyStore(this.#crash.path)).faults.map(faultText), []);
    await using store = await this.#open(this.#crash.path, {});
    if (this.#crash.acknowledged > 0) await this.#expectOnce(store, this.#crash.acknowledged);
  }

  readonly #start: StartWriter = (options, listener) => {
    if (this.deaths.length >= this.#wanted) return startWriterThread(options, listener);
    const how = WAYS[Math.floor(this.#random() * WAYS.length)] ?? 'exit';
    const at = 1 + Math.floor(this.#random() ** 2 * MAX_EFFECTS);
    const dying: DyingWriterOptions = { ...options, dieAt: at, how, part: this.#random() };
    const entry = new URL('./dying-writer.ts', import.meta.url);
    const onDeath = (error: Error): void => {
      this.deaths.push(`${how} at ${at}`);
      if (this.#crash === undefined && this.#random() < 0.4) this.#copy();
      listener.onDeath(error);
    };
    return startWriterThread(dying, { ...listener, onDeath }, entry);
  };

  #copy(): void {
    this.#crash = { path: `${this.path}-crash`, acknowledged: this.#acknowledged };
    cpSync(this.path, this.#crash.path, { recursive: true });
  }

  #open(path: string, options: Partial<EmbeddedStoreOptions>): Promise<EmbeddedTelemetryStore> {
    const isOwn = path === this.path && 'writer' in options;
    const sink = { write: (line: string) => void this.#lines.push(JSON.parse(line) as LogLine) };
    return openEmbeddedStore({
      path,
      runtime: {
        now: () => BASE_MS,
        log: isOwn ? pino({}, sink) : pino({ level: 'silent' }),
        metrics: isOwn ? this.#registry : new Registry(),
      },
      options: { commitIntervalMs: 1, retryIntervalMs: 1, rollupRetentionMs: 365 * DAY_MS, ...options },
    });
  }

  /** As agents with spools do: again until each is acknowledged. */
  async #sendBatch(store: EmbeddedTelemetryStore): Promise<void> {
    const first = this.#steps + 1;
    this.#steps += BATCH;
    let left: (() => Promise<void>)[] = [];
    for (let step = first; step <= this.#steps; step++) {
      for (const agentId of AGENTS) left.push(() => store.appendFrame(frameOf(store, agentId, step)).durable);
      left.push(() => this.#appendLoose(store, step));
    }
    while (left.length > 0) {
      const settled = await Promise.allSettled(left.map((send) => send()));
      left = left.filter((_, i) => settled[i]?.status === 'rejected');
      if (left.length > 0) await this.#writable(store);
    }
    this.#acknowledged = this.#steps;
  }

  /** Of a sample sent again its sender may be told that newer ones are there: whether it is kept is left open then. */
  #appendLoose(store: EmbeddedTelemetryStore, step: number): Promise<void> {
    const { durable, outOfOrder } = store.appendSamples(samplesOf(store, step));
    if (outOfOrder > 0) this.#refused.add(step);
    return durable;
  }

  /** All that moves, deletes and copies data, in turn. */
  async #maintain(store: EmbeddedTelemetryStore): Promise<void> {
    const matchers = [{ name: '__name__', type: '=', value: 'old' }] as const;
    const work = [
      () => store.compact(),
      () => store.deleteSeries([matchers], 0, BASE_MS),
      () => store.cleanDeleted(),
      () => store.enforceRetention(BASE_MS),
      () => store.backUp(async (cut) => this.#expectKept(await cut())),
    ];
    for (let turn = 0; !this.#done; turn++) {
      const refs = store.internSeries([Labels.of({ __name__: 'old' })]);
      const old = {
        refs,
        timestampsMs: Float64Array.of(BASE_MS - DAY_MS + turn),
        values: Float64Array.of(1),
      };
      await store.appendSamples(old).durable.catch(() => undefined);
      // What fails is told by a counter, or thrown, and comes again in its turn.
      await work[turn % work.length]?.().catch(() => undefined);
      await setImmediate();
    }
  }

  /** What belongs to a cut stays where it is until it is copied, whoever dies meanwhile. */
  async #expectKept(files: readonly CutFile[]): Promise<void> {
    await setTimeout(5 * this.#random());
    for (const { path, sizeBytes } of files) {
      const size = statSync(join(this.path, path), { throwIfNoEntry: false })?.size ?? 0;
      if (size < sizeBytes) this.#lost.push(`${path} has ${size} of ${sizeBytes} bytes`);
    }
  }

  async #writable(store: EmbeddedTelemetryStore): Promise<void> {
    await vi.waitFor(() => assert.equal(store.stats().readOnlyReason, null), {
      interval: 1,
      timeout: 60_000,
    });
  }

  /** All up to this step; further ones may be there, but nothing twice and nothing else. */
  async #expectOnce(store: EmbeddedTelemetryStore, least: number): Promise<void> {
    const matchers = [{ name: '__name__', type: '!=', value: 'old' }] as const;
    const found = await store.select({ matchers, startMs: BASE_MS, endMs: Infinity });
    assert.equal(found.length, AGENTS.length * 2 + 1);
    const steps = Array.from({ length: this.#steps }, (_, i) => i + 1);
    for (const { labels, timestamps, values } of found) {
      const known = new Set(values);
      const isOpen = (step: number): boolean =>
        step > least || (labels.name === 'loose' && this.#refused.has(step));
      const there = steps.filter((step) => !isOpen(step) || known.has(step));
      assert.deepEqual(Array.from(values), there, labels.key);
      assert.deepEqual(Array.from(timestamps), there.map(timeOf), labels.key);
    }
    for (const agentId of AGENTS) {
      const [range] = store.receivedRanges(agentId);
      assert.equal(range?.first, 1);
      assert.ok(range.last >= least, `${agentId} has ${range.last}`);
    }
  }

  async #expectTold(): Promise<void> {
    const count = (text: string): number => this.#lines.filter(({ msg }) => msg.includes(text)).length;
    const metric = async (name: string): Promise<number | undefined> =>
      (await this.#registry.getSingleMetric(name)?.get())?.values[0]?.value;
    assert.ok(count('the telemetry writer stopped: another one is started') > 0);
    const starts = count('another telemetry writer was started');
    assert.ok(starts > 0);
    assert.equal(starts + count('no other telemetry writer could be started'), this.deaths.length);
    assert.equal(await metric('plimsoll_store_writer_restarts_total'), starts);
    assert.equal(await metric('plimsoll_store_read_only'), 0);
    assert.equal(count('telemetry can be written again'), count('is read-only until'));
  }
}

function frameOf(store: EmbeddedTelemetryStore, agentId: string, step: number) {
  const refs = store.internSeries([0, 1].map((n) => Labels.of({ __name__: `m${n}`, instance: agentId })));
  const values = Float64Array.of(step, step);
  return { agentId, epoch: 1, sequence: step, timestampMs: timeOf(step), refs, values, backfill: false };
}

function samplesOf(store: EmbeddedTelemetryStore, step: number) {
  const refs = store.internSeries([Labels.of({ __name__: 'loose' })]);
  return { refs, timestampsMs: Float64Array.of(timeOf(step)), values: Float64Array.of(step) };
}
