import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { agentFlags, FlagError, readAgentFlags } from './flags.ts';

describe("the agent's flags", () => {
  it('have the documented defaults', () => {
    expect(readAgentFlags({}, '1')).toMatchObject({
      collectorAddress: '127.0.0.1:9721',
      collectIntervalMs: 10_000,
      webListenAddress: '127.0.0.1:9722',
      instance: hostname(),
      labels: {},
      paths: { procfs: '/proc', sysfs: '/sys', rootfs: '' },
      logLevel: 'info',
    });
    expect(readAgentFlags({}, '1').collectors).toContain('filesystem');
  });

  it('are unique and explained', () => {
    expect(new Set(agentFlags.map(({ name }) => name)).size).toBe(agentFlags.length);
    for (const { help } of agentFlags) expect(help).toMatch(/\.$/);
  });

  it('read sizes, durations, labels and switched-off collectors', () => {
    const options = readAgentFlags(
      {
        'collect.interval': '500ms',
        'spool.max-size': '2GiB',
        label: ['env=prod', 'note=a=b'],
        'collector.vmstat': false,
      },
      '1',
    );
    expect(options).toMatchObject({
      collectIntervalMs: 500,
      spoolMaxBytes: 2 * 2 ** 30,
      labels: { env: 'prod', note: 'a=b' },
    });
    expect(options.collectors).not.toContain('vmstat');
  });

  it.each([
    { 'collect.interval': '10' },
    { 'collect.interval': '1ms' },
    { 'spool.max-size': '10KiB' },
    { label: ['nothing'] },
    { label: ['__x=1'] },
    { label: ['instance=x'] },
    { 'log.level': 'loud' },
    { 'collector.address': 'collector' },
    { 'collector.address': 'http://collector:9721' },
    { 'web.listen-address': '127.0.0.1:70000' },
  ])('refuse %o', (values) => {
    expect(() => readAgentFlags(values, '1')).toThrow(FlagError);
  });
});
