import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Labels } from '@plimsoll/promql';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadConfig } from '../config/load-config.ts';
import { openStore, type StateStore } from './open-store.ts';

const NOW_MS = 1_800_000_000_000;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-describe-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function opened(
  yaml: string,
): Promise<{ readonly store: StateStore; readonly told: Record<string, unknown> }> {
  const { file } = await loadConfig({
    flags: { 'config.file': 'x.yml' },
    env: {},
    readFile: () => Promise.resolve(yaml),
  });
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  const store = await openStore(directory, file, { now: () => NOW_MS, log, metrics: new Registry() });
  const told = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { store, told: told.find(({ msg }) => msg === 'the telemetry store is open') ?? {} };
}

it('tells the log what was opened, what it has and what recovery did', async () => {
  {
    const { store, told } = await opened('');
    await using _ = store;
    expect(told).toMatchObject({
      engine: 'embedded',
      path: directory,
      retentionSeconds: 30 * 86_400,
      retentionBytes: 10 * 2 ** 30,
      series: 0,
      oldestAt: null,
      newestAt: null,
      replayedLogBytes: 0,
      damagedFiles: 0,
    });
    await store.appendSamples({
      refs: store.internSeries([Labels.of({ __name__: 'a' })]),
      timestampsMs: Float64Array.of(NOW_MS - 1000),
      values: Float64Array.of(1),
    }).durable;
  }
  const { store, told } = await opened('storage: {retention: {time: 2d, size: 1GiB}}');
  await using _ = store;
  expect(told).toMatchObject({ retentionSeconds: 2 * 86_400, retentionBytes: 2 ** 30, series: 1 });
  expect(told).toMatchObject({ newestAt: new Date(NOW_MS - 1000).toISOString() });
  expect(told['openedInSeconds']).toBeLessThan(60);
  expect([told['replayedLogBytes'], told['diskBytes']].every((bytes) => Number(bytes) > 0)).toBe(true);
});

it('names the server of a long-term engine, without its secrets', async () => {
  const { store, told } = await opened(
    'storage: {engine: remote, remote: {write_url: "http://127.0.0.1:1/write?key=1", query_url: "http://127.0.0.1:1"}}',
  );
  await using _ = store;
  expect(told).toMatchObject({ engine: 'remote', server: 'http://127.0.0.1:1/write' });
});
