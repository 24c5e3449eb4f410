import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Fleet } from '../../packages/cli/src/fleet/start-fleet.ts';
import { decodeSnappy } from '../../packages/collector/src/api/remote-write/decode-snappy.ts';
import { budget } from '../support/budget.ts';
import { debianProgram } from '../support/debian.ts';
import { type Fault, FaultyProxy } from '../support/faulty-proxy.ts';
import { type Ledger, startRecordedFleet } from '../support/fleet.ts';
import { metric } from '../support/metrics-page.ts';
import { type Program, runProgram, startProgram } from '../support/program.ts';
import { type StoredSamples, waitUntilStored } from '../support/stored-samples.ts';
import { anyVictoriaMetrics, VictoriaMetrics } from '../support/victoria-metrics.ts';
import { waitFor } from '../support/wait-for.ts';

const HOSTS = 10;
const INTERVAL_MS = 500;
/** VictoriaMetrics keeps fifteen decimal digits. */
const TOLERANCE = 1e-13;
const kills = budget({ short: 1, long: 10 });
const victoria = await anyVictoriaMetrics();

interface ExportedSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly number[];
  readonly timestamps: readonly number[];
}

/** As the server's own export has them. */
async function exported(server: VictoriaMetrics): Promise<StoredSamples> {
  await server.flush();
  const text = await (await fetch(`${server.url}/api/v1/export?match[]=node_load1&start=0`)).text();
  const lines = text.split('\n').filter((line) => line !== '');
  return new Map(
    lines.map((line) => {
      const { metric: labels, timestamps, values } = JSON.parse(line) as ExportedSeries;
      return [labels['instance'] ?? '', timestamps.map((at, i) => [at, values[i] ?? Number.NaN] as const)];
    }),
  );
}

describe.skipIf('missing' in victoria)('a remote engine that fails', () => {
  let directory: string;
  let server: VictoriaMetrics;
  let proxy: FaultyProxy;
  let program: Program;
  let fleet: Fleet;
  let ledgers: Map<string, Ledger>;

  const configuration = (url: string): string => `storage:
  engine: remote
  remote: {write_url: '${url}/api/v1/write', query_url: '${server.url}'}
`;
  const start = (args: readonly string[] = []): Promise<Program> =>
    startProgram({
      command: 'collector',
      storagePath: path.join(directory, 'data'),
      directory,
      config: configuration(proxy.url),
      args,
    });
  const forwarded = (): Promise<number> =>
    metric(program.web, 'plimsoll_long_term_samples_total{outcome="forwarded"}');
  const caughtUp = async (): Promise<void> => {
    await waitUntilStored({ ledgers, read: () => exported(server), program, tolerance: TOLERANCE });
    await waitFor(
      'the server to be well',
      async () => (await metric(program.web, 'plimsoll_long_term_up')) === 1,
    );
  };

  beforeAll(async () => {
    if ('missing' in victoria) throw new Error(victoria.missing);
    directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-remote-'));
    server = await VictoriaMetrics.start(victoria.path);
    proxy = await FaultyProxy.start(server.url);
    program = await start();
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
    await proxy?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  });
  beforeEach(async () => {
    await waitFor('the fleet', () => fleet.stats().connected === HOSTS, 60_000);
    const before = await forwarded();
    await waitFor('samples to be forwarded', async () => (await forwarded()) > before);
  });
  afterEach(() => {
    proxy.fault = null;
    server.freeze(false);
  });

  const answers: [string, Fault][] = [
    [
      '429 and when to come again',
      (_, response) => !!response.writeHead(429, { 'retry-after': '1' }).end('slow down'),
    ],
    ['500', (_, response) => !!response.writeHead(500).end('broken')],
    ['a page that is no answer', (_, response) => !!response.writeHead(200).end('<html>welcome</html>')],
    ['bytes that are not HTTP', (_, response) => !!response.socket?.end('\u0000\u0001garbage\r\n\r\n')],
    ['nothing, and hangs up', (_, response) => !!response.destroy()],
  ];

  it.each(answers)('answers %s: everything arrives once it is well', async (_, fault) => {
    const failures = await metric(
      program.web,
      'plimsoll_long_term_write_failures_total{reason="unavailable"}',
    );
    const { spoilt } = proxy;
    proxy.fault = fault;
    await waitFor('spoilt writes', () => proxy.spoilt >= spoilt + 2);
    await waitFor('the gauge', async () => (await metric(program.web, 'plimsoll_long_term_up')) === 0);
    proxy.fault = null;
    await caughtUp();
    expect(
      await metric(program.web, 'plimsoll_long_term_write_failures_total{reason="unavailable"}'),
    ).toBeGreaterThan(failures);
    expect(program.output()).toContain('nothing is forwarded, the queue keeps it');
    expect(program.output()).toContain('takes telemetry again');
  });

  it('is killed and started again behind a proxy: what it had acknowledged and not written is sent again', async () => {
    for (let round = 0; round < kills; round++) {
      await delay(1500);
      await server.kill();
      await delay(500);
      await server.start();
      await caughtUp();
    }
    expect(await metric(program.web, 'plimsoll_long_term_rewinds_total')).toBeGreaterThan(0);
  });

  it('is frozen, and the collector is killed meanwhile: the queue outlives it', async () => {
    for (let round = 0; round < kills; round++) {
      server.freeze(true);
      await delay(2000);
      await program.kill();
      const restarted = start(['--grpc.listen-address', program.grpc]);
      await delay(3000);
      server.freeze(false);
      program = await restarted;
      await waitFor('the fleet', () => fleet.stats().connected === HOSTS, 60_000);
      await caughtUp();
    }
    expect(await metric(program.web, 'plimsoll_long_term_queue_bytes')).toBeGreaterThan(0);
  });

  it('is told about in metrics that promtool has nothing against', async () => {
    const promtool = await debianProgram('prometheus', 'promtool');
    if ('missing' in promtool) throw new Error(promtool.missing);
    const page = await (await fetch(`${program.web}/metrics`)).text();
    expect(page).toContain('plimsoll_long_term_lag_seconds');
    const checked = spawnSync(promtool.path, ['check', 'metrics'], { input: page, encoding: 'utf8' });
    expect(checked.stdout + checked.stderr).toBe('');
  });

  it('refuses one host for good: the others arrive, it is counted and named', async () => {
    const [refused = ''] = ledgers.keys();
    proxy.fault = (body, response) => {
      if (!Buffer.from(decodeSnappy(body, 2 ** 28)).includes(refused)) return false;
      response.writeHead(400).end('I do not like it');
      return true;
    };
    const before = await metric(program.web, 'plimsoll_long_term_samples_total{outcome="refused"}');
    await waitFor('refused samples', async () => {
      return (await metric(program.web, 'plimsoll_long_term_samples_total{outcome="refused"}')) > before;
    });
    const sent = await forwarded();
    await waitFor('the others', async () => (await forwarded()) > sent + 100);
    expect(program.output()).toContain('will never take some samples');
    expect(program.output()).toContain(refused);
    proxy.fault = null;
    // What was refused is gone for good.
    ledgers.delete(refused);
    await caughtUp();
  });

  it('is not started with a server that counts twice', async () => {
    if ('missing' in victoria) throw new Error(victoria.missing);
    await using plain = await VictoriaMetrics.start(victoria.path, []);
    const config = path.join(directory, 'plain.yml');
    await writeFile(config, configuration(plain.url).replaceAll(server.url, plain.url));
    const { code, stderr, stdout } = await runProgram([
      'collector',
      '--storage.path',
      path.join(directory, 'plain'),
      '--config.file',
      config,
      '--web.listen-address=127.0.0.1:0',
      '--grpc.listen-address=127.0.0.1:0',
    ]);
    expect({ code, output: stderr + stdout }).toMatchObject({
      code: 78,
      output: expect.stringContaining('-dedup.minScrapeInterval=1ms') as string,
    });
  });
});
