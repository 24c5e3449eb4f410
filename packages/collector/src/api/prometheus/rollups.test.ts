import path from 'node:path';
import { Labels } from '@plimsoll/promql';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEmbeddedStore } from '../../telemetry/embedded/open-embedded-store.ts';
import { NOW_MS, rawRequest, startTestApi, type TestApi } from '../testing/start-test-api.ts';

const DAY_MS = 86_400_000;
const GONE_MS = Math.floor(NOW_MS / DAY_MS) * DAY_MS - 40 * DAY_MS;
const SEAM = (GONE_MS + DAY_MS) / 1000;

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi(undefined, leaveRollups);
});
afterAll(() => api[Symbol.asyncDispose]());

/** A day of a counter, of which only rollups are left. */
async function leaveRollups(directory: string): Promise<void> {
  let nowMs = GONE_MS + DAY_MS;
  await using store = await openEmbeddedStore({
    path: path.join(directory, 'store'),
    runtime: { now: () => nowMs, log: pino({ level: 'silent' }), metrics: new Registry() },
    options: { commitIntervalMs: 1, rollupRetentionMs: 400 * DAY_MS },
  });
  const [ref = 0] = store.internSeries([Labels.of({ __name__: 'sent_total', instance: 'a' })]);
  const times = Float64Array.from({ length: 1440 }, (_, i) => GONE_MS + i * 60_000);
  await store.appendSamples({
    refs: new Uint32Array(times.length).fill(ref),
    timestampsMs: times,
    values: times.map((_, i) => i * 6),
  }).durable;
  await store.compact();
  nowMs = NOW_MS;
  await store.enforceRetention(nowMs);
}

async function ask(route: string, parameters: Record<string, string>) {
  const { status, body } = await rawRequest(
    `${api.url}/api/v1/${route}?${new URLSearchParams(parameters).toString()}`,
  );
  return { status, body: JSON.parse(body) };
}

describe('a query over rollups', () => {
  it('is answered with an info that tells from when to when', async () => {
    const noon = String(SEAM - 43_200);
    const { status, body } = await ask('query', { query: 'rate(sent_total[3h])', time: noon });
    expect(status).toBe(200);
    expect(body.data.result).toEqual([{ metric: { instance: 'a' }, value: [Number(noon), '0.1'] }]);
    expect(body.infos).toEqual([
      'PromQL info: rollups of 1h were used from 2026-04-22T09:00:00Z to 2026-04-22T12:00:00Z, where samples are no longer kept; windows there begin and end with whole buckets (1:6)',
    ]);
    expect(body.warnings).toBeUndefined();
  });

  it('is refused where rollups cannot answer it, with what could', async () => {
    const times = { start: String(SEAM - 7200), end: String(SEAM), step: '600' };
    const { status, body } = await ask('query_range', { query: 'deriv(sent_total[1h])', ...times });
    expect(status).toBe(422);
    expect(body).toMatchObject({ status: 'error', errorType: 'execution' });
    expect(body.error).toContain(
      'deriv needs samples, and from before 2026-04-23T00:00:00Z only rollups are kept',
    );
    expect(body.error).toContain('quantile_over_time');
  });

  it('finds the series by their labels still', async () => {
    const times = { start: String(SEAM - 7200), end: String(SEAM - 3600) };
    const { body } = await ask('series', { 'match[]': 'sent_total', ...times });
    expect(body.data).toEqual([{ __name__: 'sent_total', instance: 'a' }]);
  });
});
