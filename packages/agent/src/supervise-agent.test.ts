import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readAgentFlags } from './flags.ts';
import { createLog } from './log.ts';
import type { AgentOptions } from './options.ts';
import { superviseAgent } from './supervise-agent.ts';
import { TestCollector } from './testing/test-collector.ts';

const silent = createLog('error', () => undefined);
const WAIT = { timeout: 20_000, interval: 20 };

describe.runIf(process.platform === 'linux')('a supervised agent', () => {
  let directory: string;
  let collector: TestCollector;

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-supervised-'));
    collector = await new TestCollector().start();
  });
  afterEach(async () => {
    await collector[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, maxRetries: 5 });
  });

  function options(): AgentOptions {
    return readAgentFlags(
      {
        'collector.address': collector.address,
        'collect.interval': '200ms',
        'spool.path': path.join(directory, 'spool'),
        'web.listen-address': '127.0.0.1:0',
        'log.level': 'error',
      },
      '0.0.0',
    );
  }

  const childPid = (): number =>
    Number(readFileSync(path.join(directory, 'spool', 'agent.pid'), 'utf8').split(' ')[0]);

  /** The epochs introduced, in order; an agent may have to introduce itself twice. */
  const epochs = (): number[] => [...new Set(collector.hellos.map((hello) => Number(hello.epoch)))];

  /** Sequences that are missing below the last one seen, over all epochs. */
  function holes(): string[] {
    const found: string[] = [];
    for (const epoch of new Set(collector.frames.map((frame) => Number(frame.epoch)))) {
      const sequences = new Set(collector.sequences(epoch));
      for (let sequence = 1; sequence <= Math.max(...sequences); sequence++) {
        if (!sequences.has(sequence)) found.push(`${epoch}/${sequence}`);
      }
    }
    return found;
  }

  it('streams, tells the inventory, serves its page, and ends in order', async () => {
    const agent = await superviseAgent(options(), silent);
    const { url } = await agent.ready;
    await vi.waitFor(() => expect(collector.frames.length).toBeGreaterThan(2), WAIT);
    await vi.waitFor(() => expect(collector.facts.length).toBeGreaterThan(0), WAIT);
    expect(collector.facts[0]?.cpuCount).toBeGreaterThan(0);
    const commandLine = readFileSync(`/proc/${childPid()}/cmdline`, 'utf8').split('\0');
    expect(commandLine).toEqual(expect.arrayContaining(['--permission', '--allow-fs-read=*']));
    expect(commandLine.some((flag) => /^--allow-(child-process|worker|addons)/.test(flag))).toBe(false);
    const page = await (await fetch(`${url}/metrics`)).text();
    expect(page).toContain('node_cpu_seconds_total{cpu="0",mode="idle"}');
    expect(page).toContain('plimsoll_agent_connected 1');
    await agent[Symbol.asyncDispose]();
    expect(await agent.exited).toBe(0);
    expect(collector.errors).toEqual([]);
  }, 40_000);

  it('comes back after kill -9 with the same id and page, and loses no frame, whether the collector is there or not', async () => {
    await using agent = await superviseAgent(options(), silent);
    const { url } = await agent.ready;
    for (let round = 1; round <= 3; round++) {
      const seen = collector.frames.length;
      await vi.waitFor(() => expect(collector.frames.length).toBeGreaterThan(seen + 1), WAIT);
      if (round === 2) collector.verdict = () => 'hold';
      const victim = childPid();
      process.kill(victim, 'SIGKILL');
      await vi.waitFor(() => expect(childPid()).not.toBe(victim), WAIT);
      collector.verdict = () => 'durable';
      await vi.waitFor(() => expect(epochs().length).toBeGreaterThan(round), WAIT);
    }
    expect(epochs()).toEqual(epochs().sort((a, b) => a - b));
    expect(new Set(collector.hellos.map((hello) => hello.agentId)).size).toBe(1);
    await vi.waitFor(async () => expect((await fetch(`${url}/-/ready`)).status).toBe(200), WAIT);
    await vi.waitFor(() => expect(holes()).toEqual([]), WAIT);
    expect(collector.errors).toEqual([]);
  }, 60_000);

  it('fails with the exit code of the reason when it cannot start', async () => {
    await using first = await superviseAgent(options(), silent);
    await first.ready;
    const second = await superviseAgent(options(), silent);
    await expect(second.ready).rejects.toThrow(/running agent/);
    expect(await second.exited).toBe(75);
  }, 40_000);
});
