import { describe } from 'vitest';
import { tieredHarness } from '../../packages/collector/src/telemetry/long-term/testing/tiered-harness.ts';
import { createRemoteEngine } from '../../packages/collector/src/telemetry/remote/create-remote-engine.ts';
import { describeStore } from '../../packages/collector/src/telemetry/store-conformance.ts';
import { VictoriaMetrics, victoriaMetrics } from '../support/victoria-metrics.ts';

const victoria = await victoriaMetrics();

function engineAt(url: string) {
  return createRemoteEngine({
    writeUrl: `${url}/api/v1/write`,
    queryUrl: url,
    headers: {},
    collector: 'conformance',
  });
}

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
    }),
  );
});
