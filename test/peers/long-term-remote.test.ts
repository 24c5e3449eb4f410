import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Labels } from '@plimsoll/promql';
import { describe, expect, it } from 'vitest';
import { newRuntime } from '../../packages/cli/src/storage-runtime.ts';
import { seededHistogram } from '../../packages/collector/src/telemetry/testing/seeded-histogram.ts';
import { openTieredStore } from '../../packages/collector/src/telemetry/long-term/open-tiered-store.ts';
import { tieredHarness } from '../../packages/collector/src/telemetry/long-term/testing/tiered-harness.ts';
import { createRemoteEngine } from '../../packages/collector/src/telemetry/remote/create-remote-engine.ts';
import { describeDeletion } from '../../packages/collector/src/telemetry/deletion-conformance.ts';
import { describeHistogramStore } from '../../packages/collector/src/telemetry/histogram-conformance.ts';
import {
  describeStore,
  type StoreException,
} from '../../packages/collector/src/telemetry/store-conformance.ts';
import { EXCEPTIONS } from '../../packages/collector/src/telemetry/testing/exceptions.ts';
import { startProgram } from '../support/program.ts';
import { newestPrometheus } from '../support/prometheus-programs.ts';
import { pathOf } from '../support/run-counterpart.ts';
import { VictoriaMetrics, victoriaMetrics } from '../support/victoria-metrics.ts';
import { waitFor } from '../support/wait-for.ts';
import { startPrometheus } from './differential/start-prometheus.ts';

const victoria = await victoriaMetrics();
const prometheus = await newestPrometheus('prometheus');

function engineAt(url: string) {
  return createRemoteEngine({
    writeUrl: `${url}/api/v1/write`,
    queryUrl: url,
    headers: {},
    collector: 'conformance',
  });
}

/** Servers take little or nothing of the future, and the suite has samples of a day ahead. */
const SUITE_NOW_MS = Date.now() - 2 * 86_400_000;
const REMOTE_WRITE = 'storage: {tsdb: {out_of_order_time_window: 40d}}\n';

function overPrometheus(args: readonly string[], exceptions: readonly StoreException[]) {
  return tieredHarness(
    async () => {
      const server = await startPrometheus(pathOf(prometheus), REMOTE_WRITE, {}, args);
      return {
        createEngine: () => engineAt(server.url),
        flush: async () => undefined,
        [Symbol.asyncDispose]: async () => server[Symbol.asyncDispose](),
      };
    },
    SUITE_NOW_MS,
    exceptions,
  );
}

describe.skipIf('missing' in prometheus)('a tiered store over a real Prometheus', () => {
  const plain = overPrometheus([], EXCEPTIONS.Prometheus);
  describeStore('remote: Prometheus', plain);
  describeHistogramStore('remote: Prometheus', plain);
  describeDeletion('remote: Prometheus', plain);
  describeHistogramStore(
    'remote: Prometheus with start timestamps',
    overPrometheus(['--enable-feature=st-storage'], EXCEPTIONS['Prometheus, `st-storage`']),
  );
});

describe.skipIf('missing' in victoria)('a tiered store over a real VictoriaMetrics', () => {
  const harness = tieredHarness(
    async () => {
      const server = await VictoriaMetrics.start(pathOf(victoria));
      return {
        createEngine: () => engineAt(server.url),
        flush: () => server.flush(),
        [Symbol.asyncDispose]: async () => server[Symbol.asyncDispose](),
      };
    },
    SUITE_NOW_MS,
    EXCEPTIONS.VictoriaMetrics,
  );
  describeStore('remote: VictoriaMetrics', harness);
  describeHistogramStore('remote: VictoriaMetrics', harness);
  describeDeletion('remote: VictoriaMetrics', harness);

  it('has series of buckets of native histograms there, and none of those with custom buckets', async () => {
    await using server = await VictoriaMetrics.start(pathOf(victoria));
    const directory = await mkdtemp(join(tmpdir(), 'plimsoll-victoria-'));
    await using _ = { [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) };
    const runtime = newRuntime();
    await using store = await openTieredStore({
      path: directory,
      runtime: { ...runtime, now: () => SUITE_NOW_MS },
      engine: engineAt(server.url),
      options: { queueLimitBytes: 2 ** 30, retentionTimeMs: 30 * 86_400_000 },
      recentMs: 3_600_000,
    });
    const [exponential, custom] = [seededHistogram(4), seededHistogram(3)];
    await store.appendSamples({
      refs: store.internSeries(['exponential', 'custom'].map((__name__) => Labels.of({ __name__ }))),
      timestampsMs: new Float64Array(2).fill(SUITE_NOW_MS),
      values: new Float64Array(2),
      histograms: [exponential, custom],
    }).durable;
    await store.settle();
    await server.flush();
    const found = await store.select({ matchers: [], startMs: 0, endMs: 2 * SUITE_NOW_MS });
    const valueOf = (name: string) => found.find(({ labels }) => labels.name === name)?.values[0];
    expect(valueOf('exponential_count')).toBe(exponential.count);
    expect(valueOf('exponential_sum')).toBeCloseTo(exponential.sum, 12);
    const buckets = found.filter(({ labels }) => labels.get('vmrange') !== '');
    expect(buckets.reduce((sum, { values }) => sum + (values[0] ?? 0), 0)).toBe(exponential.count);
    expect(found.filter(({ labels }) => labels.name.startsWith('custom'))).toEqual([]);
    const page = await runtime.metrics.metrics();
    expect(page).toContain('plimsoll_long_term_samples_total{outcome="converted"} 1');
    expect(page).toContain('plimsoll_long_term_samples_total{outcome="left_out"} 1');
  });
});

describe.skipIf('missing' in victoria)('a collector over a VictoriaMetrics with a past', () => {
  it('answers for older times from there and for recent ones itself, and says which one is away', async () => {
    if ('missing' in victoria) throw new Error(victoria.missing);
    await using server = await VictoriaMetrics.start(victoria.path);
    const nowMs = Date.now();
    const oldMs = nowMs - 10 * 3_600_000;
    const imported = await fetch(`${server.url}/api/v1/import/prometheus`, {
      method: 'POST',
      body: `node_load1{instance="gone",job="node"} 42 ${oldMs}\n`,
    });
    expect(imported.status).toBe(204);
    await server.flush();
    await using program = await startProgram({
      args: ['--agent.collect.interval', '1s'],
      config: `storage:
  engine: remote
  remote: {write_url: '${server.url}/api/v1/write', query_url: '${server.url}'}
`,
    });
    const ask = (path: string, parameters: Record<string, string>) =>
      fetch(`${program.web}/api/v1/${path}?${new URLSearchParams(parameters).toString()}`);
    const old = { query: 'node_load1', time: String(oldMs / 1000) };
    const recent = { query: 'count(node_load1)' };
    expect(await (await ask('query', old)).json()).toMatchObject({
      data: { result: [{ metric: { instance: 'gone' }, value: [oldMs / 1000, '42'] }] },
    });
    const range = { start: String(oldMs / 1000 - 60), end: String(nowMs / 1000) };
    expect(await (await ask('label/instance/values', range)).json()).toMatchObject({
      data: expect.arrayContaining(['gone']) as string[],
    });
    expect(
      await (await ask('series', { 'match[]': 'node_load1{instance="gone"}', ...range })).json(),
    ).toMatchObject({
      data: [{ __name__: 'node_load1', instance: 'gone', job: 'node' }],
    });
    await waitFor('a recent sample', async () => (await (await ask('query', recent)).text()).includes('"1"'));
    await server.kill();
    const away = await ask('query', old);
    expect(away.status).toBeGreaterThanOrEqual(400);
    expect(await away.text()).toContain(new URL(server.url).host);
    expect(await (await ask('query', recent)).text()).toContain('"1"');
  });
});
