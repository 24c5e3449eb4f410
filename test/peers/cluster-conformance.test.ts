import { afterAll, beforeAll, describe } from 'vitest';
import { tieredHarness } from '../../packages/collector/src/telemetry/long-term/testing/tiered-harness.ts';
import { createRemoteEngine } from '../../packages/collector/src/telemetry/remote/create-remote-engine.ts';
import { describeStore } from '../../packages/collector/src/telemetry/store-conformance.ts';
import { mimir, MimirCluster } from './cluster/mimir-cluster.ts';

const program = await mimir();

/** It takes ten minutes of the future, and the suite has samples of a day ahead. */
const SUITE_NOW_MS = Date.now() - 2 * 86_400_000;

describe.skipIf('missing' in program)('a tiered store over a Mimir cluster of three nodes', () => {
  let cluster: MimirCluster;
  let tenants = 0;
  beforeAll(async () => {
    if ('missing' in program) throw new Error(program.missing);
    // A tenant of its own is a test's empty server.
    cluster = await MimirCluster.start(program.path, [
      '-auth.multitenancy-enabled=true',
      '-ingester.out-of-order-time-window=40d',
    ]);
  });
  afterAll(() => cluster?.[Symbol.asyncDispose]());

  describeStore(
    'remote: Mimir',
    tieredHarness(() => {
      const tenant = `suite-${++tenants}`;
      const [writer, reader] = cluster.nodes;
      return Promise.resolve({
        createEngine: () =>
          createRemoteEngine({
            writeUrl: `${writer?.url}/api/v1/push`,
            // Another node than the one that is written to.
            queryUrl: `${reader?.url}/prometheus`,
            headers: { 'X-Scope-OrgID': tenant },
            collector: 'conformance',
          }),
        flush: () => Promise.resolve(),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      });
    }, SUITE_NOW_MS),
  );
});
