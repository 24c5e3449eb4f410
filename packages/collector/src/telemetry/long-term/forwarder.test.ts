import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { writeNoSample, writeStaleMarker } from '@plimsoll/proto';
import { Labels } from '@plimsoll/promql';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { interruptReading } from '../embedded/log/reader-state.ts';
import { openEmbeddedStore } from '../embedded/open-embedded-store.ts';
import type { TelemetryStore } from '../store.ts';
import { openTieredStore } from './open-tiered-store.ts';
import { seededHistogram } from '../testing/seeded-histogram.ts';
import { MemoryEngine, sampleText } from './testing/memory-engine.ts';
import type { TieredStore } from './tiered-store.ts';

const NOW_MS = 1_800_000_000_000;
const HOUR_MS = 3_600_000;
const ROUNDS = process.env.PLIMSOLL_TEST_LONG === undefined ? 3 : 60;
const EVERYTHING = { matchers: [], startMs: 0, endMs: 2 * NOW_MS };

let path: string;
let engine: MemoryEngine;
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'plimsoll-forward-'));
  engine = new MemoryEngine();
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

function open(
  more: { queueLimitBytes?: number; lines?: string[]; metrics?: Registry } = {},
): Promise<TieredStore> {
  const { queueLimitBytes = 2 ** 30, lines = [], metrics = new Registry() } = more;
  return openTieredStore({
    path,
    runtime: {
      now: () => NOW_MS,
      log: pino({ level: 'warn' }, { write: (line: string) => lines.push(line) }),
      metrics,
    },
    engine,
    options: {
      commitIntervalMs: 1,
      queueLimitBytes,
      retentionTimeMs: 30 * 24 * HOUR_MS,
      outOfOrderWindowMs: HOUR_MS,
    },
    recentMs: 6 * HOUR_MS,
  });
}

async function contentOf(store: Pick<TelemetryStore, 'select'>): Promise<string[]> {
  const found = await store.select(EVERYTHING);
  return found
    .flatMap(({ labels, timestamps, values, histograms, startTimestamps }) =>
      Array.from(timestamps, (timestampMs, i) =>
        sampleText(labels, {
          timestampMs,
          value: values[i] ?? 0,
          histogram: histograms?.[i],
          sinceMs: startTimestamps?.[i] ?? 0,
        }),
      ),
    )
    .sort();
}

function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Appends whatever a store may get: frames in and out of order, times twice, gaps, stale markers, rule results. */
class Chaos {
  readonly #random: () => number;
  #sequence = 0;
  #timeMs = NOW_MS - 2 * HOUR_MS;
  #seriesMs = NOW_MS - 2 * HOUR_MS;

  constructor(random: () => number) {
    this.#random = random;
  }

  pick(count: number): number {
    return Math.floor(this.#random() * count);
  }

  append(store: TelemetryStore): Promise<void> {
    return this.pick(4) === 0 ? this.#samples(store) : this.#frame(store);
  }

  #frame(store: TelemetryStore): Promise<void> {
    const agentId = `agent-${this.pick(3)}`;
    const width = 2 + this.pick(3);
    const refs = store.internSeries(
      Array.from({ length: width }, (_, i) => Labels.of({ __name__: `m${i}`, instance: agentId })),
    );
    const values = Float64Array.from({ length: width }, () => this.pick(1000));
    if (this.pick(5) === 0) writeNoSample(values, this.pick(width));
    if (this.pick(9) === 0) writeStaleMarker(values, this.pick(width));
    this.#timeMs += 1000;
    const late = this.pick(3) === 0 ? this.pick(3) * 1000 + this.pick(2) * HOUR_MS : 0;
    const { durable } = store.appendFrame({
      agentId,
      epoch: 1 + this.pick(3),
      sequence: ++this.#sequence,
      timestampMs: this.#timeMs - late,
      refs,
      values,
      backfill: late > 0,
    });
    return durable;
  }

  #samples(store: TelemetryStore): Promise<void> {
    const refs = store.internSeries([Labels.of({ __name__: 'recorded' }), Labels.of({ __name__: 'ALERTS' })]);
    this.#seriesMs += 500;
    const timestampsMs = new Float64Array(2).fill(this.#seriesMs);
    const seed = this.pick(100);
    const histograms = [this.pick(2) === 0 ? seededHistogram(seed + 1) : undefined];
    const startTimestampsMs = Float64Array.of(this.pick(3) * 1000, 0);
    const values = Float64Array.of(histograms[0] === undefined ? seed : 0, 1);
    return store.appendSamples({ refs, timestampsMs, values, histograms, startTimestampsMs }).durable;
  }
}

describe('forwarding', () => {
  it(
    'brings over everything once, through crashes on either side',
    { timeout: 20_000 * ROUNDS },
    async () => {
      const seed = Number(process.env.PLIMSOLL_SEED ?? Math.floor(Math.random() * 2 ** 31));
      process.stdout.write(`forwarding: ${ROUNDS} rounds, PLIMSOLL_SEED=${seed}\n`);
      const chaos = new Chaos(seededRandom(seed));
      let store = await open();
      for (let round = 0; round < ROUNDS; round++) {
        for (let step = 0; step < 60; step++) {
          const durable = chaos.append(store);
          const event = chaos.pick(30);
          if (event < 8) await durable;
          if (event === 8) engine.crash(chaos.pick(2) === 0);
          if (event === 9) engine.failures.push('busy');
          if (event === 10) engine.failures.push('silent');
          if (event === 11) await delay(chaos.pick(60));
        }
        if (chaos.pick(2) === 0) {
          await store[Symbol.asyncDispose]();
          if (chaos.pick(2) === 0) engine.crash();
          store = await open();
        }
        if (round % 3 === 2) engine.failures = [];
      }
      engine.failures = [];
      const expected = await contentOf(store);
      await store.settle();
      expect(expected.length).toBeGreaterThan(100);
      expect(engine.content()).toEqual(expected);
      // Now that it was dropped here, all of it comes from there.
      expect(await contentOf(store)).toEqual(expected);
      await store[Symbol.asyncDispose]();
    },
  );

  it('gives up what the engine will never take, counts and names it', async () => {
    const lines: string[] = [];
    const metrics = new Registry();
    await using store = await open({ lines, metrics });
    engine.refused = 'bad';
    const refs = store.internSeries(['bad', 'good', 'fine'].map((name) => Labels.of({ __name__: name })));
    const timestampsMs = new Float64Array(3).fill(NOW_MS);
    await store.appendSamples({ refs, timestampsMs, values: Float64Array.of(1, 2, 3) }).durable;
    await store.settle();
    expect(engine.content()).toEqual([`fine ${NOW_MS} 3`, `good ${NOW_MS} 2`]);
    expect(lines.join('')).toMatch(/"samples":1,"series":\["bad"\].*no bad/);
    expect(await metrics.metrics()).toContain('plimsoll_long_term_samples_total{outcome="refused"} 1');
  });

  it.each([
    ['converted', 1, 1, ['exponential', 'number']],
    ['left_out', 0, 2, ['number']],
  ] as const)('counts and names native histograms that are %s', async (fate, converted, leftOut, names) => {
    const lines: string[] = [];
    const metrics = new Registry();
    await using store = await open({ lines, metrics });
    engine.histograms = fate;
    const refs = store.internSeries(
      ['exponential', 'custom', 'number'].map((name) => Labels.of({ __name__: name })),
    );
    const timestampsMs = new Float64Array(3).fill(NOW_MS);
    const histograms = [seededHistogram(1), seededHistogram(3)];
    await store.appendSamples({ refs, timestampsMs, values: new Float64Array(3), histograms }).durable;
    expect(await contentOf(store)).toHaveLength(3);
    await store.settle();
    expect(engine.content().map((line) => line.split(' ')[0])).toEqual(names);
    expect(lines.join('')).toMatch(/"series":\["exponential","custom"\].*as long as storage\.recent only/);
    const page = await metrics.metrics();
    for (const [outcome, count] of Object.entries({ forwarded: 1, converted, left_out: leftOut })) {
      expect(page).toContain(`plimsoll_long_term_samples_total{outcome="${outcome}"} ${count}`);
    }
  });

  it('refuses appends when the queue is full, and takes them again when it is not', async () => {
    await using store = await open({ queueLimitBytes: 100_000 });
    engine.failures = Array.from({ length: 1000 }, () => 'busy' as const);
    const refs = store.internSeries([Labels.of({ __name__: 'm' })]);
    let timestampMs = NOW_MS - HOUR_MS;
    const append = () => {
      const timestampsMs = new Float64Array(2000).map(() => timestampMs++);
      const { durable } = store.appendSamples({
        refs: new Uint32Array(2000).fill(refs[0] ?? 0),
        timestampsMs,
        values: new Float64Array(2000),
      });
      return durable;
    };
    await expect(
      (async () => {
        for (let i = 0; i < 10; i++) await append();
      })(),
    ).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('storage.queueSize') as string,
    });
    expect(store.stats().readOnlyReason).toContain('long-term engine');
    engine.failures = [];
    await store.settle();
    await append();
    expect(store.stats().readOnlyReason).toBeNull();
  });

  it('leaves the log for the forwarder when a tool opens the directory', async () => {
    const store = await open();
    engine.failures = Array.from({ length: 1000 }, () => 'busy' as const);
    const refs = store.internSeries([Labels.of({ __name__: 'm' })]);
    const timestampsMs = Float64Array.of(NOW_MS);
    await store.appendSamples({ refs, timestampsMs, values: Float64Array.of(7) }).durable;
    await store[Symbol.asyncDispose]();
    const runtime = { now: () => NOW_MS, log: pino({ level: 'silent' }), metrics: new Registry() };
    const tool = await openEmbeddedStore({ path, runtime });
    await tool.compact();
    await tool[Symbol.asyncDispose]();
    engine.failures = [];
    await using again = await open();
    await again.settle();
    expect(engine.content()).toEqual([`m ${NOW_MS} 7`]);
  });

  it('keeps in the embedded store what came while nobody forwarded', async () => {
    const runtime = { now: () => NOW_MS, log: pino({ level: 'silent' }), metrics: new Registry() };
    await (await open())[Symbol.asyncDispose]();
    await interruptReading(path);
    const alone = await openEmbeddedStore({ path, runtime });
    const refs = alone.internSeries([Labels.of({ __name__: 'm' })]);
    const timestampsMs = Float64Array.of(NOW_MS - 48 * HOUR_MS);
    await alone.appendSamples({ refs, timestampsMs, values: Float64Array.of(7) }).durable;
    await alone.compact();
    await alone[Symbol.asyncDispose]();
    await using store = await open();
    await store.settle();
    await store.enforceRetention(NOW_MS);
    expect(engine.content()).toEqual([]);
    expect(await contentOf(store)).toEqual([`m ${NOW_MS - 48 * HOUR_MS} 7`]);
  });
});
