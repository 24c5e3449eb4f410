import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { budget, randomOf, seedOf } from '../support/budget.ts';
import { getJson, repository, startProgram } from '../support/program.ts';
import { waitFor } from '../support/wait-for.ts';

const INTERVAL_MS = 250;
const kills = budget({ short: 3, long: 20 });

interface Outage {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The agent's own process, child of the `plimsoll agent` that supervises it. */
async function childOf(supervisor: number): Promise<number> {
  const text = await readFile(`/proc/${supervisor}/task/${supervisor}/children`, 'utf8');
  const child = text.split(' ').find((pid) => pid !== '');
  if (child === undefined) throw new Error(`process ${supervisor} has no child`);
  return Number(child);
}

async function startAgent(address: string, spool: string): Promise<ChildProcess> {
  const args = [
    'agent',
    '--collector.address',
    address,
    '--spool.path',
    spool,
    '--collect.interval',
    `${INTERVAL_MS}ms`,
  ];
  const child = spawn(path.join(repository, 'plimsoll'), [...args, '--web.listen-address', '127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await waitFor('the agent', () => output.includes('plimsoll ready'), 30_000);
  return child;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

it(
  `has no gap beyond the agent's downtime over ${kills} kill -9 of it`,
  async () => {
    const random = randomOf(seedOf('agent kill'));
    const spool = await mkdtemp(path.join(tmpdir(), 'plimsoll-spool-'));
    await using program = await startProgram({ command: 'collector' });
    const outages: Outage[] = [];
    let agent = await startAgent(program.grpc, spool);
    try {
      for (let kill = 0; kill < kills; kill++) {
        await delay(800 + random() * 1500);
        const child = await childOf(agent.pid ?? 0);
        const fromMs = Date.now();
        const exited = once(agent, 'exit');
        agent.kill('SIGKILL');
        process.kill(child, 'SIGKILL');
        await exited;
        await waitFor('the end of the agent', () => !isRunning(child));
        agent = await startAgent(program.grpc, spool);
        outages.push({ fromMs, toMs: Date.now() });
      }
      const lastMs = Date.now();
      const series = await waitFor('everything collected so far', async () => {
        const { data } = await getJson<{
          data: { result: { metric: { instance: string }; values: [number, string][] }[] };
        }>(`${program.web}/api/v1/query?query=${encodeURIComponent('node_load1[1h]')}`);
        const values = data.result[0]?.values ?? [];
        return (values.at(-1)?.[0] ?? 0) * 1000 > lastMs && data.result;
      });
      expect(series.map(({ metric }) => metric.instance)).toEqual([hostname()]);
      const times = (series[0]?.values ?? []).map(([at]) => at * 1000);
      expect(new Set(times).size).toBe(times.length);
      for (const [index, at] of times.entries()) {
        const before = times[index - 1] ?? at;
        const gapMs = at - before - INTERVAL_MS;
        if (gapMs < INTERVAL_MS / 2) continue;
        const outage = outages.find(
          ({ fromMs, toMs }) => before >= fromMs - 2 * INTERVAL_MS && at <= toMs + 2 * INTERVAL_MS,
        );
        expect(
          outage,
          `a gap of ${gapMs} ms after ${new Date(before).toISOString()} outside every downtime`,
        ).toBeDefined();
      }
    } finally {
      const exited = once(agent, 'exit');
      agent.kill('SIGTERM');
      await exited;
      await rm(spool, { recursive: true, force: true });
    }
  },
  kills * 15_000 + 60_000,
);

it('ends with its supervisor, even when that is killed', async () => {
  const spool = await mkdtemp(path.join(tmpdir(), 'plimsoll-spool-'));
  await using program = await startProgram({ command: 'collector' });
  const agent = await startAgent(program.grpc, spool);
  const child = await childOf(agent.pid ?? 0);
  agent.kill('SIGKILL');
  await waitFor('the end of the orphan', () => !isRunning(child));
  await rm(spool, { recursive: true, force: true });
});
