import { spawn } from 'node:child_process';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { repository, startProgram } from '../support/program.ts';
import { BENCH_CONFIG, benchRules } from './support/bench-rules.ts';
import type { Figure } from './support/figure.ts';
import { usageOf } from './support/process-usage.ts';

const HOSTS = 100;
const SERIES = 100;
const FIRST_WARM_UP_MS = 40_000;
/** Rules run once in ten seconds: V8 has compiled what is worth it after about two minutes. */
const SECOND_WARM_UP_MS = 20_000;
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
    await delay(FIRST_WARM_UP_MS);
    const early = await measure(pid);
    console.log(
      `  after ${FIRST_WARM_UP_MS / 1000} s: ${early.millisecondsPerSecond.toFixed(1)} ms CPU per second, ${early.rssMib.toFixed(0)} MiB`,
    );
    await delay(SECOND_WARM_UP_MS);
    const { millisecondsPerSecond, rssMib } = await measure(pid);
    return [
      {
        what: `live, ${HOSTS} hosts x ${SERIES} series each 10 s, 20 rules each 10 s`,
        ours: millisecondsPerSecond,
        unit: 'ms CPU per second',
        goal: 5,
        better: 'less',
      },
      { what: 'live, resident memory', ours: rssMib, unit: 'MiB', goal: 120, better: 'less' },
    ];
  } finally {
    fleet.kill();
  }
}

/** CPU and memory over one window. */
async function measure(pid: number): Promise<{ millisecondsPerSecond: number; rssMib: number }> {
  const before = await usageOf(pid);
  await delay(MEASURE_MS);
  const after = await usageOf(pid);
  const cpuSeconds = after.cpuSeconds - before.cpuSeconds;
  return { millisecondsPerSecond: (cpuSeconds * 1000) / (MEASURE_MS / 1000), rssMib: after.rssMib };
}
