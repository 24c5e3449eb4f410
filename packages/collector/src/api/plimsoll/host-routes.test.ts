import { Labels } from '@plimsoll/promql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { breach, testDesk, type TestDesk } from '../../desk/testing.ts';
import { NOW_MS, rawRequest, startTestApi, type TestApi } from '../testing/start-test-api.ts';

let bench: TestDesk;
let api: TestApi;

/** Two minutes of a host with one busy processor of two, half its memory and a fuller /var. */
async function watch(instance: string, agentId: string): Promise<void> {
  api.hosts.connected({
    agentId,
    instance,
    keyHash: '',
    machineIdHash: '',
    labels: { env: 'prod' },
    agentVersion: '1.2.3',
    collectIntervalMs: 10_000,
    firstSeenMs: NOW_MS - 120_000,
    lastSeenMs: null,
    facts: null,
  });
  const series = (name: string, more: Record<string, string>, value: (seconds: number) => number) => ({
    labels: Labels.of({ __name__: name, job: 'node', instance, env: 'prod', ...more }),
    value,
  });
  const filesystem = (mountpoint: string, free: number) =>
    ['size', 'free', 'avail'].map((what) =>
      series(`node_filesystem_${what}_bytes`, { mountpoint, device: mountpoint }, () =>
        what === 'size' ? 100 : free,
      ),
    );
  const all = [
    series('node_cpu_seconds_total', { cpu: '0', mode: 'idle' }, (seconds) => seconds),
    series('node_cpu_seconds_total', { cpu: '1', mode: 'idle' }, () => 7),
    series('node_cpu_seconds_total', { cpu: '1', mode: 'user' }, (seconds) => seconds),
    series('node_memory_MemTotal_bytes', {}, () => 8),
    series('node_memory_MemAvailable_bytes', {}, () => 4),
    ...filesystem('/', 90),
    ...filesystem('/var', 25),
  ];
  const refs = api.store.internSeries(all.map(({ labels }) => labels));
  for (let sequence = 1; sequence <= 13; sequence++) {
    const seconds = (sequence - 1) * 10;
    const frame = {
      agentId,
      timestampMs: NOW_MS - 120_000 + seconds * 1000,
      refs,
      values: Float64Array.from(all, ({ value }) => value(seconds)),
    };
    const { durable } = api.store.appendFrame({ ...frame, epoch: 1, sequence, backfill: false });
    if (sequence === 13) await durable;
    api.hosts.frame({ ...frame, instance }, frame.timestampMs, -250);
  }
}

beforeAll(async () => {
  bench = await testDesk();
  api = await startTestApi(() => ({ desk: bench.desk }));
  await watch('web-1', 'agent-1');
  await watch('db "1"', 'agent-2');
  api.hosts.refused({ agentId: 'agent-3', instance: 'web-1' }, 'another agent owns this name');
  const labels = { alertname: 'Full', instance: 'web-1', mountpoint: '/var', severity: 'warning' };
  await bench.desk.signal(breach(bench.nowMs, { labels }));
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
});

const get = async (path: string) => {
  const { status, body } = await rawRequest(`${api.url}/api/plimsoll/v1${path}`);
  return { status, json: JSON.parse(body) };
};

describe('/hosts', () => {
  it('shows a host with its figures', async () => {
    const { status, json } = await get('/hosts/web-1');
    expect(status).toBe(200);
    expect(json).toEqual({
      id: 'agent-1',
      instance: 'web-1',
      state: 'up',
      refusedReason: null,
      firstSeenAt: '2026-06-01T11:58:00.000Z',
      lastSeenAt: '2026-06-01T12:00:00.000Z',
      connected: true,
      heard: true,
      agentVersion: '1.2.3',
      clockOffset: -0.25,
      collectInterval: 10,
      labels: { env: 'prod' },
      facts: null,
      cpuUtilisation: 0.5,
      memoryUtilisation: 0.5,
      fullestFilesystem: { mountpoint: '/var', utilisation: 0.75 },
      openIncidents: 1,
      services: ['this-host'],
    });
  });

  it('lists all of them in pages, refused clones too', async () => {
    const first = await get('/hosts?limit=2');
    expect(first.json.items.map((host: { instance: string }) => host.instance)).toEqual(['db "1"', 'web-1']);
    const rest = await get(`/hosts?limit=2&cursor=${encodeURIComponent(first.json.nextCursor)}`);
    expect(rest.json).toMatchObject({
      items: [{ id: 'agent-3', state: 'refused', refusedReason: 'another agent owns this name' }],
      nextCursor: null,
    });
    expect((await get('/hosts?state=refused')).json.items).toHaveLength(1);
  });

  it('takes any name', async () => {
    expect((await get(`/hosts/${encodeURIComponent('db "1"')}`)).json).toMatchObject({
      memoryUtilisation: 0.5,
    });
    expect(await get('/hosts/absent')).toMatchObject({ status: 404, json: { code: 'not_found' } });
  });

  it('are the targets of Prometheus', async () => {
    const { body } = await rawRequest(`${api.url}/api/v1/targets`);
    const { activeTargets } = JSON.parse(body).data;
    expect(activeTargets).toContainEqual(
      expect.objectContaining({
        labels: { env: 'prod', instance: 'web-1', job: 'node' },
        health: 'up',
        scrapePool: 'node',
        scrapeInterval: '10s',
      }),
    );
    expect(activeTargets.map((target: { health: string }) => target.health)).toContain('down');
  });
});
