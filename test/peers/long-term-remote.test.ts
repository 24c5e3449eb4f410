import { describe } from 'vitest';
import { tieredHarness } from '../../packages/collector/src/telemetry/long-term/testing/tiered-harness.ts';
import { createRemoteEngine } from '../../packages/collector/src/telemetry/remote/create-remote-engine.ts';
import { describeStore } from '../../packages/collector/src/telemetry/store-conformance.ts';
import { goProgram } from '../support/go-module.ts';
import { VictoriaMetrics, victoriaMetrics } from '../support/victoria-metrics.ts';
import { startPrometheus } from './differential/start-prometheus.ts';

const victoria = await victoriaMetrics();
const prometheus = await goProgram({
  module: 'github.com/prometheus/prometheus',
  version: 'v0.316.0',
  main: 'cmd/prometheus',
});

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

describe.skipIf('missing' in prometheus)('a tiered store over a real Prometheus', () => {
  describeStore(
    'remote: Prometheus',
    tieredHarness(async () => {
      if ('missing' in prometheus) throw new Error(prometheus.missing);
      const server = await startPrometheus(prometheus.path, REMOTE_WRITE);
      return {
        createEngine: () => engineAt(server.url),
        flush: async () => undefined,
        [Symbol.asyncDispose]: async () => server[Symbol.asyncDispose](),
      };
    }, SUITE_NOW_MS),
  );
});

describe.skipIf('missing' in victoria)('a tiered store over a real VictoriaMetrics', () => {
  describeStore(
    'remote: VictoriaMetrics',
    tieredHarness(async () => {
      if ('missing' in victoria) throw new Error(victoria.missing);
      const server = await VictoriaMetrics.start(victoria.path);
      return {
        createEngine: () => engineAt(server.url),
        flush: () => server.flush(),
        [Symbol.asyncDispose]: async () => server[Symbol.asyncDispose](),
      };
    }, SUITE_NOW_MS),
  );
});
