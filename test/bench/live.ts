import { spawn } from 'node:child_process';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { repository, startProgram } from '../support/program.ts';
import { BENCH_CONFIG, benchRules } from './support/bench-rules.ts';
import type { Figure } from './support/figure.ts';
import { usageOf } from './support/process-usage.ts';

const HOSTS = 100;
const SERIES = 100;
const WARM_UP_MS = 40_000;
const MEASURE_MS = 60_000;

/** CPU and memory of the collector with 100 hosts of 100 series each 10 s and 20 rules each 10 s. */
export async function benchLive(): Promise<Figure[]> {
  await using program = await startProgram({
    command: 'collector',
    config: BENCH_CONFIG,
    files: { 'rules.yml': benchRules('10s') },
  });
  const pid = program.process.pid;
  if (pid === undefined) throw new Error('the collector has no process');
  const args = [
    'fleet',
    '--hosts',
    String(HOSTS),
    '--series',
    String(SERIES),
    '--interval',
    '10s',
    '--duration',
    '0s',
  ];
  const fleet = spawn(path.join(repository, 'plimsoll'), [...args, '--collector.address', program.grpc], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  try {
    await delay(WARM_UP_MS);
    const before = await usageOf(pid);
    await delay(MEASURE_MS);
    const after = await usageOf(pid);
    const millisecondsPerSecond = ((after.cpuSeconds - before.cpuSeconds) * 1000) / (MEASURE_MS / 1000);
    return [
      {
        what: `live, ${HOSTS} hosts x ${SERIES} series each 10 s, 20 rules each 10 s`,
        ours: millisecondsPerSecond,
        unit: 'ms CPU per second',
        goal: 5,
        better: 'less',
      },
      { what: 'live, resident memory', ours: after.rssMib, unit: 'MiB', goal: 120, better: 'less' },
    ];
  } finally {
    fleet.kill();
  }
}
