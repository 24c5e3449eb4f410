import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Labels, createEngine } from '@plimsoll/promql';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemFiles } from '../files.ts';
import { type EmbeddedTelemetryStore, openEmbeddedStore } from '../open-embedded-store.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DAY_0 = Date.UTC(2026, 5, 10);
const M = [{ name: '__name__', type: '=' as const, value: 'm' }];

let root: string;
let nowMs: number;
let store: EmbeddedTelemetryStore;

async function open(): Promise<EmbeddedTelemetryStore> {
  return openEmbeddedStore({
    path: root,
    runtime: { now: () => nowMs, log: pino({ level: 'silent' }), metrics: new Registry() },
    options: {
      writer: { files: systemFiles },
      commitIntervalMs: 1,
      retentionTimeMs: 2 * DAY_MS,
      rollupRetentionMs: 365 * DAY_MS,
    },
  });
}

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'plimsoll-deleted-'));
  nowMs = DAY_0 + 1.6 * DAY_MS;
  store = await open();
  const [ref = 0] = store.internSeries([Labels.of({ __name__: 'm' })]);
  const count = 6 * 36;
  await store.appendSamples({
    refs: new Uint32Array(count).fill(ref),
    timestampsMs: Float64Array.from({ length: count }, (_, i) => DAY_0 + (i * HOUR_MS) / 6),
    values: new Float64Array(count).fill(1),
  }).durable;
  await store.compact();
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  rmSync(root, { recursive: true, force: true });
});

/** Hours of the first day of which there are samples. */
async function hours(): Promise<number[]> {
  const range = { startMs: DAY_0 + HOUR_MS, endMs: DAY_0 + DAY_MS, stepMs: HOUR_MS };
  const { value } = await createEngine().queryRange({
    text: 'count_over_time(m[1h])',
    queryable: store,
    ...range,
  });
  return value.series.flatMap(({ timestamps, values }) =>
    Array.from(timestamps, (at, i) => ((values[i] ?? 0) >= 5 ? (at - DAY_0) / HOUR_MS - 1 : [])).flat(),
  );
}

const ALL = Array.from({ length: 24 }, (_, hour) => hour);
const except = (...gone: number[]): number[] => ALL.filter((hour) => !gone.includes(hour));
const remove = (hour: number, length: number): Promise<void> =>
  store.deleteSeries([M], DAY_0 + hour * HOUR_MS, DAY_0 + (hour + length) * HOUR_MS - 1);

async function dropSamples(): Promise<void> {
  nowMs = DAY_0 + 4 * DAY_MS;
  await store.enforceRetention(nowMs);
  expect((await store.select({ matchers: M, startMs: 0, endMs: nowMs })).length).toBe(0);
}

it('leaves what was deleted before out of rollups', async () => {
  await remove(2, 3);
  expect(await hours()).toEqual(except(2, 3, 4));
  await dropSamples();
  expect(await hours()).toEqual(except(2, 3, 4));
});

it('passes over rollups of what is deleted after its samples are gone', async () => {
  await dropSamples();
  expect(await hours()).toEqual(ALL);
  await remove(5, 2);
  expect(await hours()).toEqual(except(5, 6));
  await store.cleanDeleted();
  await store.enforceRetention(nowMs);
  await store[Symbol.asyncDispose]();
  store = await open();
  expect(await hours()).toEqual(except(5, 6));
});
