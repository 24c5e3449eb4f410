import { describe, expect, it } from 'vitest';
import { factsOf } from './facts.ts';
import { formatInstant } from './time.ts';

describe('factsOf', () => {
  it('tells fields in words, with units', () => {
    const bootTimeMs = Date.parse('2026-03-27T12:00:00Z');
    expect(
      factsOf({
        os: 'linux',
        osVersion: '12',
        cpuCount: 4,
        memoryBytes: 8 * 2 ** 30,
        bootTimeMs,
        kernel: '',
      }),
    ).toEqual([
      ['Operating system', 'linux'],
      ['Operating system version', '12'],
      ['CPUs', '4'],
      ['Memory', '8 GiB'],
      ['Boot time', formatInstant(bootTimeMs)],
    ]);
  });

  it('gives each disk and network interface a line, and calls a speed of 0 unknown', () => {
    expect(
      factsOf({
        disks: [{ name: 'vda', type: 'SSD', model: '', sizeBytes: 20 * 2 ** 30 }],
        networkInterfaces: [
          { name: 'eth0', mac: '02:00:00:00:00:01', addresses: ['10.0.0.2', 'fe80::1'], speedBps: 2.5e9 },
          { name: 'tun0', mac: '', addresses: [], speedBps: 0 },
        ],
      }),
    ).toEqual([
      ['Disk vda', 'type SSD, size 20 GiB'],
      ['Network interface eth0', 'MAC 02:00:00:00:00:01, addresses 10.0.0.2 fe80::1, speed 2.5 Gbit/s'],
      ['Network interface tun0', 'speed unknown'],
    ]);
  });

  it('shows what it does not know by its own name, and nothing of nothing', () => {
    expect(factsOf({ rack_unit: 4, virtual: true, gone: null, tags: [] })).toEqual([
      ['Rack unit', '4'],
      ['Virtual', 'yes'],
    ]);
    expect(factsOf(null)).toEqual([]);
  });
});
