import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Counterpart, debianProgram } from '../support/debian.ts';
import { freePort } from '../support/free-port.ts';
import { getJson, type Program, repository, startProgram } from '../support/program.ts';
import { waitFor } from '../support/wait-for.ts';

const promtool = await debianProgram('prometheus', 'promtool');
const prometheus = await debianProgram('prometheus', 'prometheus');
const nodeExporter = await debianProgram('prometheus-node-exporter', 'prometheus-node-exporter');

interface Ran {
  readonly code: number;
  readonly output: string;
}

async function run(program: Counterpart, args: readonly string[], input = ''): Promise<Ran> {
  if ('missing' in program) throw new Error(program.missing);
  const child = spawn(program.path, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stdin.end(input);
  await once(child, 'close');
  return { code: child.exitCode ?? 128, output };
}

/** Lines of promtool's complaints. */
function complaints(ran: Ran): Set<string> {
  return new Set(ran.output.split('\n').filter((line) => line !== ''));
}

/** A static target of a scrape configuration. */
function target(url: string): string {
  return `{targets: ['${new URL(url).host}']}`;
}

const page = async (url: string): Promise<string> => (await fetch(url)).text();

describe.skipIf('missing' in promtool || 'missing' in prometheus)('a real Prometheus', () => {
  let program: Program;
  beforeAll(async () => {
    program = await startProgram({ args: ['--agent.collect.interval', '1s'] });
    await waitFor('the first samples', async () => {
      const { data } = await getJson<{ data: { result: unknown[] } }>(
        `${program.web}/api/v1/query?query=${encodeURIComponent('node_load1 and on (instance) up')}`,
      );
      return data.result.length > 0;
    });
  });
  afterAll(async () => program[Symbol.asyncDispose]());

  it("finds nothing to complain about on the collector's page", async () => {
    expect(await run(promtool, ['check', 'metrics'], await page(`${program.web}/metrics`))).toEqual({
      code: 0,
      output: '',
    });
  });

  it.skipIf('missing' in nodeExporter)(
    "complains of the agent's page about nothing that it does not say of node_exporter's",
    async () => {
      const ours = complaints(
        await run(promtool, ['check', 'metrics'], await page(`${program.agent}/metrics`)),
      );
      const port = await freePort();
      if ('missing' in nodeExporter) throw new Error(nodeExporter.missing);
      const exporter = execFile(nodeExporter.path, [`--web.listen-address=127.0.0.1:${port}`]);
      try {
        const theirs = await waitFor("node_exporter's page", async () =>
          page(`http://127.0.0.1:${port}/metrics`),
        );
        const known = complaints(await run(promtool, ['check', 'metrics'], theirs));
        expect([...ours].filter((complaint) => !known.has(complaint))).toEqual([]);
      } finally {
        exporter.kill();
      }
    },
  );

  it('accepts the shipped rules', async () => {
    const packs = path.join(repository, 'packages/rules/packs');
    const files = (await readdir(packs))
      .filter((file) => file.endsWith('.yml'))
      .map((file) => path.join(packs, file));
    const { code, output } = await run(promtool, ['check', 'rules', ...files]);
    expect(code, output).toBe(0);
    expect(files.length).toBe(2);
  });

  it('is queried by promtool as a Prometheus is', async () => {
    const instant = await run(promtool, ['query', 'instant', program.web, 'up']);
    expect(instant).toMatchObject({ code: 0, output: expect.stringContaining('=> 1 @[') });
    const labels = await run(promtool, ['query', 'labels', program.web, 'mode']);
    expect(labels).toMatchObject({ code: 0, output: expect.stringContaining('idle') });
    const series = await run(promtool, ['query', 'series', '--match=node_load1', program.web]);
    expect(series).toMatchObject({ code: 0, output: expect.stringContaining('node_load1') });
    // The last step must not lie before the first sample, which may be a second old.
    const end = Math.ceil(Date.now() / 1000);
    const range = await run(promtool, [
      'query',
      'range',
      `--start=${end - 60}`,
      `--end=${end}`,
      '--step=5s',
      program.web,
      'node_load1',
    ]);
    expect(range).toMatchObject({ code: 0, output: expect.stringContaining('node_load1') });
  });

  it('scrapes both pages without a warning', async () => {
    if ('missing' in prometheus) throw new Error(prometheus.missing);
    const directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-prometheus-'));
    const config = `global: {scrape_interval: 1s}
scrape_configs:
  - {job_name: collector, static_configs: [${target(program.web)}]}
  - {job_name: node, static_configs: [${target(program.agent)}]}
`;
    await writeFile(path.join(directory, 'prometheus.yml'), config);
    const port = await freePort();
    const server = spawn(prometheus.path, [
      `--config.file=${path.join(directory, 'prometheus.yml')}`,
      `--storage.tsdb.path=${path.join(directory, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ]);
    let log = '';
    server.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
    try {
      const count = async (): Promise<number> => {
        const { data } = await getJson<{ data: { result: { value: [number, string] }[] } }>(
          `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent('min(count_over_time(up[1m]))')}`,
        );
        return Number(data.result[0]?.value[1] ?? 0);
      };
      await waitFor('three scrapes of both', async () => (await count()) >= 3, 30_000);
      const { data } = await getJson<{ data: { activeTargets: { health: string; lastError: string }[] } }>(
        `http://127.0.0.1:${port}/api/v1/targets`,
      );
      expect(data.activeTargets.map(({ health, lastError }) => [health, lastError])).toEqual([
        ['up', ''],
        ['up', ''],
      ]);
      expect(log).not.toMatch(/level=(warn|error)/);
    } finally {
      server.kill();
      await once(server, 'exit');
      await rm(directory, { recursive: true, force: true });
    }
  });
});
