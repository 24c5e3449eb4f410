import { describe, expect, it } from 'vitest';
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
