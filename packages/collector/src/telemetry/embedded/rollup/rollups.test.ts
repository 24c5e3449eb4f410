import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeNoSample, writeStaleMarker } from '@plimsoll/proto';
import { Labels, createEngine } from '@plimsoll/promql';
import fc from 'fast-check';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FailingFiles } from '../failing-files.ts';
import { systemFiles } from '../files.ts';
import { type EmbeddedTelemetryStore, openEmbeddedStore } from '../open-embedded-store.ts';
import { verifyStore } from '../verify/verify-store.ts';

const DAY_MS = 86_400_000;
/** The last day of a month and of a year, so that its rollups are in other files than the next day's. */
const DAY_0 = Date.UTC(2026, 11, 31);
const INTERVAL_MS = 60_000;
const NAMES = ['requests_total', 'temperature', 'constant', 'rare'];

let root: string;
let nowMs: number;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'plimsoll-rollups-'));
  nowMs = DAY_0 + 1.6 * DAY_MS;
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(root, { recursive: true, force: true });
});

function open(name: string, files = systemFiles, retentionDays = 30): Promise<EmbeddedTelemetryStore> {
  return openEmbeddedStore({
    path: join(root, name),
    runtime: { now: () => nowMs, log: pino({ level: 'silent' }), metrics: new Registry() },
    options: {
      writer: { files },
      commitIntervalMs: 1,
      retryIntervalMs: 5,
      retentionTimeMs: retentionDays * DAY_MS,
      rollupRetentionMs: 5 * 365 * DAY_MS,
    },
  });
}

/** A repeatable number in [0, 1). */
function noise(seed: number): number {
  const x = Math.sin(seed * 12.9898) * 43_758.5453;
  return x - Math.floor(x);
}

let sequence = 0;

async function fill(
  store: EmbeddedTelemetryStore,
  fromMs: number,
  toMs: number,
  { instance = 'a', seed = 1, epoch = 1 } = {},
): Promise<void> {
  const refs = store.internSeries(NAMES.map((name) => Labels.of({ __name__: name, instance })));
  let last: Promise<void> = Promise.resolve();
  let total = 0;
  for (let at = fromMs; at < toMs; at += INTERVAL_MS) {
    const step = Math.round((at - DAY_0) / INTERVAL_MS);
    total = noise(step + seed) < 0.01 ? 0 : total + Math.round(noise(step * 3 + seed) * 50);
    const values = Float64Array.of(total, 20 + Math.round(noise(step * 7 + seed) * 400) / 100, 7, step);
    if (step % 9 !== 0) writeNoSample(values, 3);
    if (step % 450 === 0) writeStaleMarker(values, 1);
    const frame = {
      agentId: instance,
      epoch,
      sequence: ++sequence,
      timestampMs: at,
      refs,
      values,
      backfill: false,
    };
    last = store.appendFrame(frame).durable;
  }
  await last;
}

const SEAM = DAY_0 + DAY_MS;
const RUNS = process.env.PLIMSOLL_TEST_LONG === undefined ? 150 : 3000;
/** A run tries every third place, others each day; a long run tries all. */
const STRIDE = process.env.PLIMSOLL_TEST_LONG === undefined ? 3 : 1;
const engine = createEngine();

async function query(
  store: EmbeddedTelemetryStore,
  text: string,
  startMs: number,
  endMs: number,
  stepMs: number,
) {
  const { value, infos } = await engine.queryRange({ text, queryable: store, startMs, endMs, stepMs });
  const series = value.series.map(({ labels, timestamps, values }) => ({
    labels: labels.key,
    timestamps: Array.from(timestamps),
    values: Array.from(values),
  }));
  return { series: series.sort((a, b) => (a.labels < b.labels ? -1 : 1)), infos };
}

function expectClose(
  found: Awaited<ReturnType<typeof query>>['series'],
  expected: Awaited<ReturnType<typeof query>>['series'],
  tolerance: number,
  what: string,
): void {
  expect(
    found.map(({ labels, timestamps }) => [labels, timestamps]),
    what,
  ).toEqual(expected.map(({ labels, timestamps }) => [labels, timestamps]));
  expected.forEach(({ values }, i) => {
    values.forEach((value, j) => {
      const got = found[i]?.values[j] ?? Number.NaN;
      expect(Math.abs(got - value), `${what}: ${got} for ${value}`).toBeLessThanOrEqual(
        tolerance * Math.max(1, Math.abs(value)),
      );
    });
  });
}

const FUNCTIONS = [
  'rate',
  'increase',
  'delta',
  'resets',
  'count_over_time',
  'sum_over_time',
  'avg_over_time',
  'min_over_time',
  'max_over_time',
  'first_over_time',
  'last_over_time',
  'present_over_time',
];
/** A store with two days, of which the first is then dropped, and another that has all samples still. */
async function twoStores(): Promise<{ raw: EmbeddedTelemetryStore; rolled: EmbeddedTelemetryStore }> {
  const rolled = await open('rolled', systemFiles, 2);
  await fill(rolled, DAY_0, DAY_0 + 1.5 * DAY_MS);
  await fill(rolled, DAY_0, DAY_0 + 1.5 * DAY_MS, { instance: 'b', seed: 99 });
  await rolled.compact();
  cpSync(join(root, 'rolled'), join(root, 'raw'), { recursive: true });
  rmSync(join(root, 'raw', 'lock'), { force: true });
  nowMs += 1.5 * DAY_MS;
  await rolled.enforceRetention(nowMs);
  expect(readdirSync(join(root, 'rolled', 'days')).filter((name) => name.endsWith('.db'))).toEqual([
    '2027-01-01.db',
  ]);
  return { raw: await open('raw'), rolled };
}

describe('rollups of a store', () => {
  it('answer as the samples did, for aligned windows before, over and behind the seam', async () => {
    const { raw, rolled } = await twoStores();
    const ask = fc.record({
      name: fc.constantFrom(...FUNCTIONS),
      metric: fc.constantFrom(...NAMES),
      minutes: fc.constantFrom(10, 15, 60, 120, 300),
      start: fc.integer({ min: 0, max: 400 }),
      step: fc.constantFrom(5, 30, 60),
    });
    await fc.assert(
      fc.asyncProperty(ask, async ({ name, metric, minutes, start, step }) => {
        const text = `${name}(${metric}[${minutes}m])`;
        const startMs = DAY_0 + start * 300_000;
        const times = [startMs, startMs + 40 * step * 60_000, step * 60_000] as const;
        const [found, expected] = [await query(rolled, text, ...times), await query(raw, text, ...times)];
        expectClose(found.series, expected.series, 1e-9, text);
        const reaches = startMs <= SEAM && metric !== 'rare';
        const remarks = found.infos.filter((info) => info.includes('rollups of'));
        if (startMs < SEAM && reaches)
          expect(remarks).toEqual([expect.stringMatching(/rollups of (5m|1h) were used from/)]);
        if (startMs - minutes * 60_000 > SEAM) expect(remarks).toEqual([]);
      }),
      { numRuns: RUNS },
    );
    await raw[Symbol.asyncDispose]();
    await rolled[Symbol.asyncDispose]();
  }, 60_000);

  it('answer quantiles within one per cent, and instant selectors with the last sample of each bucket', async () => {
    const { raw, rolled } = await twoStores();
    const times = [DAY_0 + 3_600_000, DAY_0 + 1.4 * DAY_MS, 3_600_000] as const;
    for (const q of [0, 0.1, 0.5, 0.99, 1]) {
      for (const range of ['1h', '3h', '5h']) {
        const text = `quantile_over_time(${q}, temperature[${range}])`;
        const found = await query(rolled, text, ...times);
        expectClose(found.series, (await query(raw, text, ...times)).series, 0.0101, text);
      }
    }
    for (const text of [
      'temperature',
      'rare',
      'timestamp(requests_total)',
      'max_over_time(temperature[2h:5m])',
    ]) {
      const found = await query(rolled, text, ...times);
      expectClose(found.series, (await query(raw, text, ...times)).series, 0, text);
      expect(found.infos).toEqual([expect.stringContaining('the last sample of each bucket is seen there')]);
    }
    await expect(query(rolled, 'stddev_over_time(temperature[1h])', ...times)).rejects.toThrow(
      'stddev_over_time needs samples, and from before 2027-01-01T00:00:00Z only rollups are kept',
    );
    const { infos } = await query(rolled, 'rate(requests_total[5m])', ...times);
    expect(infos).toEqual([expect.stringContaining('use a range of at least 10m to see them')]);
    await raw[Symbol.asyncDispose]();
    await rolled[Symbol.asyncDispose]();
  });

  it('keep series, verify whole, survive a restart, and go after their own retention', async () => {
    const { raw, rolled } = await twoStores();
    await raw[Symbol.asyncDispose]();
    const matchers = [{ name: '__name__', type: '=', value: 'constant' }] as const;
    expect(await rolled.series([matchers], DAY_0, DAY_0 + 1000)).toHaveLength(2);
    nowMs += 2 * DAY_MS;
    await rolled.enforceRetention(nowMs);
    await rolled[Symbol.asyncDispose]();
    expect((await verifyStore(join(root, 'rolled'))).faults).toEqual([]);
    const again = await open('rolled', systemFiles, 2);
    const count = ['sum(count_over_time(constant[1d]))', DAY_0 + DAY_MS, DAY_0 + 2 * DAY_MS, DAY_MS] as const;
    expect((await query(again, ...count)).series[0]?.values).toEqual([2 * 1440, 2 * 719]);
    expect(await again.series([matchers], DAY_0, DAY_0 + 2 * DAY_MS)).toHaveLength(2);
    nowMs += 6 * 365 * DAY_MS;
    await again.enforceRetention(again.ageNow());
    // A jump that has lasted for a day is no wrong setting of the clock.
    vi.spyOn(performance, 'now').mockReturnValue(performance.now() + DAY_MS);
    await again.enforceRetention(again.ageNow());
    expect(readdirSync(join(root, 'rolled', 'rollups'))).toEqual([]);
    expect((await query(again, ...count)).series).toEqual([]);
    expect(await again.series([matchers], 0, nowMs)).toEqual([]);
    await again[Symbol.asyncDispose]();
  });

  it('are made anew when data comes for a day, and not for a day whose samples are gone', async () => {
    const store = await open('late', systemFiles, 2);
    const count = ['sum(count_over_time(constant[1d]))', DAY_0 + DAY_MS, DAY_0 + DAY_MS, DAY_MS] as const;
    await fill(store, DAY_0, DAY_0 + DAY_MS / 2);
    await store.compact();
    await fill(store, DAY_0 + DAY_MS / 2, DAY_0 + 1.2 * DAY_MS);
    await fill(store, DAY_0 + 60_000, DAY_0 + 3_600_000, { instance: 'b' });
    await store.compact();
    // What came behind the last roll-up is in it all the same: dropping a day makes sure.
    await fill(store, DAY_0 + 7_200_000, DAY_0 + 10_800_000, { instance: 'c' });
    await store.compact();
    nowMs = DAY_0 + 3 * DAY_MS;
    await store.enforceRetention(nowMs);
    const expected = 1440 + 59 + 60;
    expect((await query(store, ...count)).series[0]?.values).toEqual([expected]);
    nowMs = DAY_0 + DAY_MS;
    await fill(store, DAY_0 + 10_800_000, DAY_0 + 14_400_000, { instance: 'd' });
    await store.compact();
    expect((await query(store, ...count)).series[0]?.values).toEqual([expected]);
    await store[Symbol.asyncDispose]();
  });

  it('are whole after any effect that fails, and after a crash there', { timeout: 120_000 }, async () => {
    let effects = Infinity;
    for (let n = 1 + (Math.floor(Date.now() / DAY_MS) % STRIDE); n <= effects; n += STRIDE) {
      const name = `fault-${n}`;
      nowMs = DAY_0 + DAY_MS;
      const files = new FailingFiles('EIO');
      const store = await open(name, files, 1);
      await fill(store, DAY_0, DAY_0 + DAY_MS / 8);
      await store.compact();
      await fill(store, DAY_0 + DAY_MS / 8, DAY_0 + DAY_MS / 4);
      files.failAt(n, false);
      await store.compact();
      if (files.failed.length === 0) effects = Math.min(effects, files.calls);
      cpSync(join(root, name), join(root, `${name}-crash`), { recursive: true });
      files.heal();
      await vi.waitFor(() => expect(store.stats().readOnlyReason).toBeNull(), {
        interval: 2,
        timeout: 30_000,
      });
      await expectCounted(store, `effect ${n}`);
      const after = await open(`${name}-crash`, systemFiles, 1);
      await expectCounted(after, `crash at effect ${n}`);
    }
    expect(effects).toBeGreaterThan(5);
  });
});

/** Compacts, drops the day's samples, counts them and closes. */
async function expectCounted(store: EmbeddedTelemetryStore, what: string): Promise<void> {
  nowMs = DAY_0 + DAY_MS;
  await store.compact();
  nowMs += 2 * DAY_MS;
  await store.enforceRetention(nowMs);
  const counted = await query(
    store,
    'count_over_time(constant[12h])',
    DAY_0 + DAY_MS / 2,
    DAY_0 + DAY_MS / 2,
    1000,
  );
  expect(counted.series[0]?.values, what).toEqual([359]);
  expect(counted.infos[0], what).toContain('rollups of');
  await store[Symbol.asyncDispose]();
}
