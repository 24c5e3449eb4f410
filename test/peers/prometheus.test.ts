import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { debianProgram } from '../support/debian.ts';
import { freePort } from '../support/free-port.ts';
import { getJson, type Program, repository, startProgram } from '../support/program.ts';
import { pathOf, type Ran, runCounterpart } from '../support/run-counterpart.ts';
import { waitFor } from '../support/wait-for.ts';

const promtool = await debianProgram('prometheus', 'promtool');
const prometheus = await debianProgram('prometheus', 'prometheus');
const nodeExporter = await debianProgram('prometheus-node-exporter', 'prometheus-node-exporter');

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

  it.skipIf('missing' in nodeExporter)(
    "complains of the agent's page about nothing that it does not say of node_exporter's",
    async () => {
      const ours = complaints(
        await runCounterpart(promtool, ['check', 'metrics'], await page(`${program.agent}/metrics`)),
      );
      const port = await freePort();
      const exporter = execFile(pathOf(nodeExporter), [`--web.listen-address=127.0.0.1:${port}`]);
      try {
        const theirs = await waitFor("node_exporter's page", async () =>
          page(`http://127.0.0.1:${port}/metrics`),
        );
        const known = complaints(await runCounterpart(promtool, ['check', 'metrics'], theirs));
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
    const { code, output } = await runCounterpart(promtool, ['check', 'rules', ...files]);
    expect(code, output).toBe(0);
    expect(files.length).toBe(2);
  });

  it('scrapes both pages without a warning', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-prometheus-'));
    const config = `global: {scrape_interval: 1s}
scrape_configs:
  - {job_name: collector, static_configs: [${target(program.web)}]}
  - {job_name: node, static_configs: [${target(program.agent)}]}
`;
    await writeFile(path.join(directory, 'prometheus.yml'), config);
    const port = await freePort();
    const server = spawn(pathOf(prometheus), [
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
