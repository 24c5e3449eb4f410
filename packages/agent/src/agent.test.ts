import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startAgent } from './agent.ts';
import { createLog } from './log.ts';
import type { AgentOptions } from './options.ts';
import { TestCollector } from './testing/test-collector.ts';

const silent = createLog('error', () => undefined);

describe.runIf(process.platform === 'linux')('an agent on this host', () => {
  let directory: string;
  let collector: TestCollector;

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-agent-'));
    collector = await new TestCollector().start();
  });

  afterEach(async () => {
    await collector[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  });

  function options(overrides: Partial<AgentOptions> = {}): AgentOptions {
    return {
      collectorAddress: collector.address,
      collectIntervalMs: 200,
      spoolPath: path.join(directory, 'spool'),
      spoolMaxBytes: 1024 * 1024,
      webListenAddress: '127.0.0.1:0',
      instance: 'test-host',
      labels: { env: 'test' },
      collectors: ['cpu', 'meminfo', 'loadavg'],
      textfileDirectories: [],
      paths: { procfs: '/proc', sysfs: '/sys', rootfs: '/', udevData: '/run/udev/data' },
      logLevel: 'error',
      agentVersion: '0.0.0',
      ...overrides,
    };
  }

  it('introduces itself and streams frames that follow their dictionary', async () => {
    await using agent = await startAgent(options(), silent);
    expect(agent).toBeDefined();
    await vi.waitFor(() => expect(collector.frames.length).toBeGreaterThanOrEqual(3), 5000);
    expect(collector.errors).toEqual([]);
    expect(collector.hellos[0]).toMatchObject({ instance: 'test-host', labels: { env: 'test' } });
    expect(collector.frames.map((frame) => Number(frame.sequence)).slice(0, 3)).toEqual([1, 2, 3]);
  });
});
