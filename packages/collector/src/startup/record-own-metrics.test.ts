import { mkdtemp, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { createEngine, Labels, type SeriesColumns } from '@plimsoll/promql';
import { pino } from 'pino';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Runtime } from '../runtime.ts';
import { type EmbeddedTelemetryStore, openEmbeddedStore } from '../telemetry/embedded/open-embedded-store.ts';
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
  await store[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

const stored = (name = ''): Promise<readonly SeriesColumns[]> =>
  store.select({
    matchers: name === '' ? [] : [{ name: '__name__', type: '=', value: name }],
    startMs: 0,
    endMs: Date.now(),
  });

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

it('makes rules about the collector work, also across its restarts', async () => {
  const gauge = new Gauge({
    name: 'plimsoll_backup_last_success_timestamp_seconds',
    help: 'Last backup.',
    registers: [runtime.metrics],
  });
  const record = async (seconds: number): Promise<void> => {
    gauge.set(seconds);
    const name = 'plimsoll_backup_last_success_timestamp_seconds';
    await using _ = recordOwnMetrics({ runtime, store }, 20);
    await expect.poll(async () => (await stored(name))[0]?.values.at(-1)).toBe(seconds);
  };
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

it('writes no times down while the clock is far ahead of all telemetry', async () => {
  register();
  const refs = store.internSeries([Labels.of({ __name__: 'a' })]);
  const append = (timestampMs: number) =>
    store.appendSamples({ refs, timestampsMs: Float64Array.of(timestampMs), values: Float64Array.of(1) });
  await append(Date.now() - 2 * HOUR_S * 1000).durable;
  const warnings: string[] = [];
  const log = pino({}, { write: (line: string) => void warnings.push(line) });
  await using _ = recordOwnMetrics({ runtime: { ...runtime, log }, store }, 20);
  await expect.poll(() => warnings.join()).toContain('in case its clock is wrong');
  expect((await stored()).map(({ labels }) => labels.name)).toEqual(['a']);
  await append(Date.now() - 1000).durable;
  await expect.poll(async () => (await stored('plimsoll_tries_total')).length).toBe(1);
});
