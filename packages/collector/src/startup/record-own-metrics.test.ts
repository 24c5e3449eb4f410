import { mkdtemp, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { createEngine, Labels, type SeriesColumns } from '@plimsoll/promql';
import { pino } from 'pino';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Runtime } from '../runtime.ts';
import { type EmbeddedTelemetryStore, openEmbeddedStore } from '../telemetry/embedded/open-embedded-store.ts';
import type { MetricMetadata, SampleAppend, SampleOutcome } from '../telemetry/store.ts';
import { recordOwnMetrics } from './record-own-metrics.ts';

const HOUR_S = 3600;
const now = (): number => Date.now() / 1000;

let directory: string;
let store: EmbeddedTelemetryStore;
let runtime: Runtime;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-own-'));
  runtime = { now: Date.now, log: pino({ level: 'silent' }), metrics: new Registry() };
  store = await openEmbeddedStore({ path: directory, runtime });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await store[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

const stored = (name = ''): Promise<readonly SeriesColumns[]> =>
  store.select({
    matchers: name === '' ? [] : [{ name: '__name__', type: '=', value: name }],
    startMs: 0,
    endMs: Infinity,
  });

function append(timestampMs: number): SampleOutcome {
  const refs = store.internSeries([Labels.of({ __name__: 'a' })]);
  return store.appendSamples({
    refs,
    timestampsMs: Float64Array.of(timestampMs),
    values: Float64Array.of(1),
  });
}

function register(): Gauge {
  const registers = [runtime.metrics];
  new Counter({ name: 'plimsoll_tries_total', help: 'Tries.', labelNames: ['outcome'], registers }).inc(
    { outcome: 'good' },
    3,
  );
  new Histogram({ name: 'plimsoll_wait_seconds', help: 'Waits.', registers }).observe(1);
  new Gauge({ name: 'plimsoll_rule_group_rules', help: 'Rules.', registers }).set(1);
  let reads = 0;
  const lateness: Gauge = new Gauge({
    name: 'plimsoll_event_loop_lateness_seconds',
    help: 'Lateness.',
    registers,
    collect: () => lateness.set(++reads),
  });
  return lateness;
}

it('stores counters and gauges as its own job, and disturbs none that begins anew with each scrape', async () => {
  const lateness = register();
  {
    await using _ = recordOwnMetrics({ runtime, store }, 20);
    await expect.poll(async () => (await stored('plimsoll_tries_total')).length).toBe(1);
  }
  const [tries] = await stored('plimsoll_tries_total');
  expect(tries?.labels.toString()).toBe(
    `plimsoll_tries_total{instance="${hostname()}", job="plimsoll", outcome="good"}`,
  );
  expect(tries?.values[0]).toBe(3);
  const names = new Set((await stored()).map(({ labels }) => labels.name));
  for (const left of [
    'plimsoll_wait_seconds',
    'plimsoll_rule_group_rules',
    'plimsoll_event_loop_lateness_seconds',
    'up',
  ])
    expect(names).not.toContain(left);
  expect((await lateness.get()).values[0]?.value).toBe(1);
  expect(store.metadata('plimsoll_tries_total')).toMatchObject([{ type: 'counter', help: 'Tries.' }]);
});

/** One life of a collector that took its last backup at this time. */
async function record(backupAt: number): Promise<void> {
  const name = 'plimsoll_backup_last_success_timestamp_seconds';
  const metrics = new Registry();
  new Gauge({ name, help: 'Last backup.', registers: [metrics] }).set(backupAt);
  await using _ = recordOwnMetrics({ runtime: { ...runtime, metrics }, store }, 20);
  await expect.poll(async () => (await stored(name))[0]?.values.at(-1)).toBe(backupAt);
}

it('makes rules about the collector work, also across its restarts', async () => {
  const engine = createEngine({
    lookbackMs: 300_000,
    maxSamples: 1e6,
    defaultSubqueryStepMs: 60_000,
    now: Date.now,
  });
  const rule =
    'time() - (max_over_time(plimsoll_backup_last_success_timestamp_seconds{job="plimsoll"}[8d]) > 0) > 26 * 3600';
  const fires = async (): Promise<boolean> => {
    const { value } = await engine.queryInstant({ text: rule, timeMs: Date.now(), queryable: store });
    return value.type === 'vector' && value.values.length > 0;
  };
  await record(0);
  expect(await fires()).toBe(false);
  await record(now() - 30 * HOUR_S);
  expect(await fires()).toBe(true);
  // A collector that was started anew knows of no backup.
  await record(0);
  expect(await fires()).toBe(true);
  await record(now());
  expect(await fires()).toBe(false);
});

describe('while the clock is far ahead of all telemetry', () => {
  let nowMs: number;
  let lines: string[];
  beforeEach(async () => {
    register();
    await append(Date.now() - 2 * HOUR_S * 1000).durable;
    await store[Symbol.asyncDispose]();
    nowMs = Date.now();
    lines = [];
    const log = pino({}, { write: (line: string) => void lines.push(line) });
    runtime = { ...runtime, now: () => nowMs, log };
    store = await openEmbeddedStore({ path: directory, runtime: { ...runtime, metrics: new Registry() } });
  });

  it('writes no times down, until somebody sends telemetry of the same time', async () => {
    await using _ = recordOwnMetrics({ runtime, store }, 20);
    await expect.poll(() => lines.join()).toContain("the collector's own metrics are stored once");
    expect((await stored()).map(({ labels }) => labels.name)).toEqual(['a']);
    await append(nowMs - 1000).durable;
    await expect.poll(async () => (await stored('plimsoll_tries_total')).length).toBe(1);
  });

  it('writes them down after a day, where nobody else sends', async () => {
    await using _ = recordOwnMetrics({ runtime, store }, 20);
    await expect.poll(() => lines.join()).toContain("the collector's own metrics are stored once");
    const dayMs = 24 * HOUR_S * 1000;
    nowMs += dayMs;
    vi.spyOn(performance, 'now').mockReturnValue(performance.now() + dayMs);
    await expect.poll(async () => (await stored('plimsoll_tries_total'))[0]?.timestamps[0]).toBe(nowMs);
  });
});

it('leaves out of the largest family what is more than a record has, counts it and says so once', async () => {
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  const metrics = new Registry();
  const name = 'plimsoll_notifications_queued';
  const queued = new Gauge({ name, help: 'Queued.', labelNames: ['channel'], registers: [metrics] });
  for (let channel = 0; channel < 507; channel++) queued.set({ channel }, channel);
  const dropped = async (): Promise<number> =>
    (await stored('plimsoll_own_samples_dropped_total'))[0]?.values.at(-1) ?? 0;
  await using _ = recordOwnMetrics({ runtime: { ...runtime, log, metrics }, store }, 20);
  await expect.poll(dropped).toBeGreaterThanOrEqual(16);
  expect((await dropped()) % 8).toBe(0);
  expect(await stored(name)).toHaveLength(499);
  expect(lines.filter((line) => line.includes('more than 500 series'))).toHaveLength(1);
});

it('begins no record while one is under way, and ends with it', async () => {
  register();
  const written = Promise.withResolvers<void>();
  let begun = 0;
  const slow = {
    ageNow: () => store.ageNow(),
    stats: () => store.stats(),
    setMetadata: (families: readonly MetricMetadata[]) => store.setMetadata(families),
    internSeries: (labels: readonly Labels[]) => store.internSeries(labels),
    appendSamples: (batch: SampleAppend) => {
      begun++;
      const outcome = store.appendSamples(batch);
      return { ...outcome, durable: outcome.durable.then(() => written.promise) };
    },
  };
  let ticks = 0;
  const ticking = setInterval(() => ticks++, 5);
  const recorder = recordOwnMetrics({ runtime, store: slow }, 5);
  await expect.poll(() => begun).toBe(1);
  ticks = 0;
  await expect.poll(() => ticks).toBeGreaterThan(10);
  clearInterval(ticking);
  expect(begun).toBe(1);
  let ended = false;
  const ending = Promise.resolve(recorder[Symbol.asyncDispose]()).then(() => (ended = true));
  await stored();
  expect(ended).toBe(false);
  written.resolve();
  await ending;
});
