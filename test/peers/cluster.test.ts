import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Labels } from '@plimsoll/promql';
import type { Fleet } from '../../packages/cli/src/fleet/start-fleet.ts';
import { createRemoteEngine } from '../../packages/collector/src/telemetry/remote/create-remote-engine.ts';
import { budget, long, randomOf, seedOf } from '../support/budget.ts';
import { type Ledger, startRecordedFleet } from '../support/fleet.ts';
import { bitsOf, toBatch } from '../support/long-term-model.ts';
import { metric } from '../support/metrics-page.ts';
import { getJson, type Program, runProgram, startProgram } from '../support/program.ts';
import { differences, fillStore, readStore } from '../support/random-telemetry.ts';
import { storedSamples, waitUntilStored } from '../support/stored-samples.ts';
import { waitFor } from '../support/wait-for.ts';
import { mimir, MimirCluster, type MimirNode } from './cluster/mimir-cluster.ts';
import { type Balancer, startBalancer, vmauth } from './cluster/start-balancer.ts';

const HOSTS = 10;
const INTERVAL_MS = 100;
const HOUR_MS = 3_600_000;
const random = randomOf(seedOf('a cluster'));
const server = await mimir();
const proxy = await vmauth();

describe.skipIf('missing' in server || 'missing' in proxy)('a collector over a Mimir cluster', () => {
  let cluster: MimirCluster;
  let balancer: Balancer;
  let program: Program;
  let fleet: Fleet;
  let ledgers: Map<string, Ledger>;

  const forwarded = (): Promise<number> =>
    metric(program.web, 'plimsoll_long_term_samples_total{outcome="forwarded"}');
  const goesOn = async (samples: number): Promise<void> => {
    const before = await forwarded();
    await waitFor('samples to be forwarded', async () => (await forwarded()) >= before + samples, 60_000);
  };
  /** Everything acknowledged until now is there once, through each of these nodes. */
  const allThere = async (nodes: readonly MimirNode[], sinceMs = 0): Promise<void> => {
    for (const { url } of nodes) {
      await waitUntilStored({ ledgers, read: () => storedSamples(`${url}/prometheus`), program, sinceMs });
    }
  };

  beforeAll(async () => {
    if ('missing' in server) throw new Error(server.missing);
    if ('missing' in proxy) throw new Error(proxy.missing);
    cluster = await MimirCluster.start(server.path);
    balancer = await startBalancer(
      proxy.path,
      cluster.nodes.map(({ url }) => url),
    );
    program = await startProgram({
      command: 'collector',
      config: `storage:
  engine: remote
  remote: {write_url: '${balancer.url}/prometheus/api/v1/write', query_url: '${balancer.url}/prometheus'}
`,
    });
    ({ fleet, ledgers } = startRecordedFleet({
      address: program.grpc,
      hosts: HOSTS,
      intervalMs: INTERVAL_MS,
      seed: 1,
    }));
  });
  afterAll(async () => {
    await fleet?.[Symbol.asyncDispose]();
    await program?.[Symbol.asyncDispose]();
    await balancer?.[Symbol.asyncDispose]();
    await cluster?.[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    await waitFor('the fleet', () => fleet.stats().connected === HOSTS, 60_000);
    await goesOn(1);
  });

  it('forwards every sample once, as each node says', async () => {
    await goesOn(30_000);
    await allThere(cluster.nodes);
  });

  it.each([0, 1, 2, 0, 1, 2].slice(0, budget({ short: 1, long: 6 })))(
    'loses nothing and goes on when node %i is killed and comes back',
    async (index) => {
      const killed = cluster.nodes[index];
      if (killed === undefined) throw new Error(`no node ${index}`);
      // A moment of chance, so that writes are on their way in some rounds.
      await delay(random() * 1000);
      await killed.kill();
      await goesOn(30_000);
      await allThere(cluster.nodes.filter((node) => node !== killed));
      expect(await metric(program.web, 'plimsoll_long_term_up')).toBe(1);
      await killed.start();
      await cluster.complete();
      await goesOn(10_000);
      await allThere(cluster.nodes);
    },
  );

  it.runIf(long)('has everything once a frozen node goes on: what reaches it first waits', async () => {
    const [, frozen] = cluster.nodes;
    frozen?.freeze(true);
    try {
      await waitFor(
        'the gauge',
        async () => (await metric(program.web, 'plimsoll_long_term_up')) === 0,
        60_000,
      );
    } finally {
      frozen?.freeze(false);
    }
    await allThere(cluster.nodes);
  });

  it('keeps in its queue what two nodes too few do not take', async () => {
    const [, ...killed] = cluster.nodes;
    await Promise.all(killed.map((node) => node.kill()));
    await waitFor(
      'the gauge',
      async () => (await metric(program.web, 'plimsoll_long_term_up')) === 0,
      60_000,
    );
    const before = [...ledgers.values()].map(({ acknowledged }) => acknowledged.size);
    await waitFor('agents to be acknowledged all the while', () =>
      [...ledgers.values()].every(({ acknowledged }, i) => acknowledged.size > (before[i] ?? 0) + 5),
    );
    await Promise.all(killed.map((node) => node.start()));
    await cluster.complete();
    await allThere(cluster.nodes);
  });

  it.runIf(long)(
    'has what all nodes took when one comes back with an empty disk and another is away',
    async () => {
      const [first, second, third] = cluster.nodes;
      if (first === undefined || second === undefined || third === undefined) throw new Error('three nodes');
      // Nodes that came back are written to again within seconds; what they missed has a copy less.
      await goesOn(30_000);
      const sinceMs = Date.now();
      await goesOn(30_000);
      await first.lose();
      await first.start();
      await cluster.complete();
      await second.kill();
      await goesOn(10_000);
      await allThere([first, third], sinceMs);
      await second.start();
      await cluster.complete();
    },
  );

  it('answers for older times while a node is away, and from the shared storage when all disks are lost', async () => {
    const oldMs = Date.now() - 20 * HOUR_MS;
    const labels = Labels.of({ __name__: 'old', instance: 'gone' });
    await using engine = createRemoteEngine({
      writeUrl: `${balancer.url}/prometheus/api/v1/write`,
      queryUrl: `${balancer.url}/prometheus`,
      headers: {},
      collector: 'other',
    });
    const signal = AbortSignal.timeout(60_000);
    await engine.probe(signal);
    await engine.write(toBatch([{ labels, timestampMs: oldMs, bits: bitsOf(42) }]), signal);
    const query = new URLSearchParams({ query: 'old', time: String(oldMs / 1000) }).toString();
    const result = [{ metric: { instance: 'gone' }, value: [oldMs / 1000, '42'] }];
    const ask = (): Promise<unknown> => getJson(`${program.web}/api/v1/query?${query}`);

    const [, away] = cluster.nodes;
    await away?.kill();
    expect(await ask()).toMatchObject({ data: { result } });
    await away?.start();
    await cluster.complete();

    await Promise.all(cluster.nodes.map((node) => node.flush()));
    await Promise.all(cluster.nodes.map((node) => node.lose()));
    await Promise.all(cluster.nodes.map((node) => node.start()));
    await waitFor(
      'the sample to be read from the shared storage',
      async () => JSON.stringify(await ask()).includes('"42"'),
      60_000,
    );
    const sinceMs = Date.now();
    await goesOn(10_000);
    await allThere(cluster.nodes, sinceMs);
  });

  it('is copied into and out of, bit for bit', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-cluster-'));
    try {
      const endMs = Date.now() - 60_000;
      const plan = { series: 50, startMs: endMs - 5 * HOUR_MS, endMs, stepMs: 15_000, isWild: false };
      const contents = await fillStore(path.join(directory, 'from'), plan, random);
      const base = `${balancer.url}/prometheus`;
      const copy = (...ends: readonly string[]) =>
        runProgram(['storage', 'copy', ...ends, '--match', '{number!=""}'], {
          cwd: directory,
          timeoutMs: 100_000,
        });
      const written = await copy('--from', 'from', '--to', base);
      expect(written, written.stderr).toMatchObject({ code: 0 });
      // What came late and is still in the nodes' memory is in no list of labels of its time: when it begins must be said.
      const read = await copy('--from', base, '--to', 'back', '--start', '6h');
      expect(read, read.stderr).toMatchObject({ code: 0 });
      expect(differences(contents, await readStore(path.join(directory, 'back')))).toEqual([]);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});
