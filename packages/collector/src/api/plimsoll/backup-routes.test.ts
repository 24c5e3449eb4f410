import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Backups, createBackups } from '../../backup/backups.ts';
import { fillStorage } from '../../backup/testing.ts';
import { listGrowingFiles } from '../../backup/state-files.ts';
import { rawRequest, startTestApi, type TestApi } from '../testing/start-test-api.ts';
import type { BackupJson } from './backup-routes.ts';

let directory: string;
let api: TestApi;
let backups: Backups;
const metrics = new Registry();
/** Holds a backup in its middle until it is let go. */
let gate: PromiseWithResolvers<void>;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-backups-'));
  const storagePath = path.join(directory, 'data');
  await fillStorage(storagePath);
  gate = Promise.withResolvers<void>();
  metrics.clear();
  backups = createBackups({
    runtime: { now: Date.now, log: pino({ level: 'silent' }), metrics },
    storagePath,
    configuration: () => [],
    backUp: async (copy) => {
      await gate.promise;
      return copy(() => Promise.resolve(listGrowingFiles(storagePath)));
    },
  });
  api = await startTestApi(() => ({ backups }));
}, 30_000);
afterEach(async () => {
  gate.resolve();
  await backups[Symbol.asyncDispose]();
  await api[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

async function ask(
  method: string,
  target: string,
  body?: object,
  token = api.adminToken,
): Promise<{ status: number; body: BackupJson }> {
  const answer = await rawRequest(`${api.url}/api/plimsoll/v1/${target}`, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: JSON.parse(answer.body) as BackupJson };
}

it('takes a backup in the background and tells how it goes', async () => {
  const target = path.join(directory, 'backup');
  const started = await ask('POST', 'backups', { directory: target });
  expect(started).toMatchObject({ status: 200, body: { state: 'running', cutAt: null, directory: target } });
  expect(await ask('POST', 'backups', { directory: `${target}-2` })).toMatchObject({ status: 409 });
  gate.resolve();
  await expect
    .poll(async () => (await ask('GET', `backups/${started.body.id}`)).body, { timeout: 10_000 })
    .toMatchObject({ state: 'done', error: null });
  expect(await metrics.metrics()).toContain('plimsoll_backups_total{outcome="done"} 1');
  const again = await ask('POST', 'backups', { directory: target });
  await expect
    .poll(async () => (await ask('GET', `backups/${again.body.id}`)).body, { timeout: 10_000 })
    .toMatchObject({ state: 'failed', error: expect.stringContaining('is not empty') as string });
  expect(await metrics.metrics()).toContain('plimsoll_backups_total{outcome="failed"} 1');
});

it('needs the admin token and an absolute path', async () => {
  expect(await ask('POST', 'backups', { directory: path.join(directory, 'b') }, '')).toMatchObject({
    status: 403,
  });
  expect(await ask('GET', 'backups', undefined, '')).toMatchObject({ status: 403 });
  expect(await ask('POST', 'backups', { directory: 'b' })).toMatchObject({ status: 400 });
  expect(await ask('GET', 'backups/none')).toMatchObject({ status: 404 });
});
