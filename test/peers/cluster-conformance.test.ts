import { afterAll, beforeAll, describe } from 'vitest';
import { describeDeletion } from '../../packages/collector/src/telemetry/deletion-conformance.ts';
import { describeHistogramStore } from '../../packages/collector/src/telemetry/histogram-conformance.ts';
import {
  type LongTermServer,
  tieredHarness,
} from '../../packages/collector/src/telemetry/long-term/testing/tiered-harness.ts';
import { createRemoteEngine } from '../../packages/collector/src/telemetry/remote/create-remote-engine.ts';
import { describeStore } from '../../packages/collector/src/telemetry/store-conformance.ts';
import { EXCEPTIONS } from '../../packages/collector/src/telemetry/testing/exceptions.ts';
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

  const startTenant = (): Promise<LongTermServer> => {
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
  };
  const harness = tieredHarness(startTenant, SUITE_NOW_MS, EXCEPTIONS.Mimir);
  describeStore('remote: Mimir', harness);
  describeHistogramStore('remote: Mimir', harness);
  describeDeletion('remote: Mimir', harness);
});
