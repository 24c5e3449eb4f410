import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Figure } from './support/figure.ts';
import { fillStore } from './support/fill-store.ts';
import type { ScanCost } from './support/scan-store.ts';

const HOSTS = 200;
const SERIES = 100;
const STEPS = 4 * 360;
const INTERVAL_MS = 10_000;
const SCAN_LIMIT_MS = 120_000;
const GOAL_MS = { one: 0.05, hosts: 45, metric: 45 } as const;
const WHAT = {
  one: 'one series',
  hosts: 'all series of 20 hosts',
  metric: '20 two-decimal gauges of 100 hosts',
} as const;

/** CPU of reading inside the store, in a process that does nothing else and has read before: from what was compacted, first and again. */
export async function benchScan(): Promise<Figure[]> {
  const directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-scan-'));
  try {
    const endMs = Math.floor(Date.now() / 60_000) * 60_000;
    const startMs = endMs - (STEPS - 1) * INTERVAL_MS;
    const load = { hosts: HOSTS, seriesPerHost: SERIES, steps: STEPS, intervalMs: INTERVAL_MS, startMs };
    await fillStore(directory, load);
    const program = path.join(import.meta.dirname, 'support/scan-store.ts');
    const args = [program, directory, String(startMs), String(endMs), String(HOSTS)];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: SCAN_LIMIT_MS });
    return (JSON.parse(stdout) as ScanCost[]).flatMap(figuresOf);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function figuresOf({ what, coldMs, warmMs, bareMs, samples }: ScanCost): Figure[] {
  const beside = { name: 'the chunks with SQLite alone and a pass over as many numbers', value: bareMs };
  const figure = { unit: 'ms CPU', goal: GOAL_MS[what], better: 'less', beside } as const;
  const name = `scan 4 h, ${WHAT[what]}, ${samples} samples`;
  return [
    { what: `${name}, first read`, ours: coldMs, ...figure },
    { what: `${name}, read again`, ours: warmMs, ...figure },
  ];
}
