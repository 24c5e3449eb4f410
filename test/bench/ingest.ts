import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { startProgram } from '../support/program.ts';
import type { Figure } from './support/figure.ts';
import { usageOf } from './support/process-usage.ts';
import { saturate } from './support/saturate.ts';

const WARM_UP_MS = 3000;
const MEASURE_MS = 10_000;

/**
 * Samples per CPU-second of the collector with eight saturated streams of 100 series a message, durable and
 * acknowledged; beside it the same messages against a server that only decodes and acknowledges.
 */
export async function benchIngest(): Promise<Figure[]> {
  const wire = await bareWire();
  await using program = await startProgram({ command: 'collector' });
  const pid = program.process.pid;
  if (pid === undefined) throw new Error('the collector has no process');
  const ours = await samplesPerCpuSecond(program.grpc, pid);
  return [
    {
      what: 'ingest, 8 saturated streams, 100 series a message, durable',
      ours,
      unit: 'samples per collector CPU-second',
      goal: 3_000_000,
      better: 'more',
      beside: { name: 'bare wire', value: wire },
    },
  ];
}

async function bareWire(): Promise<number> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'support/bare-wire-server.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    if (child.pid === undefined) throw new Error('the bare server has no process');
    return await samplesPerCpuSecond(`127.0.0.1:${line.toString().trim()}`, child.pid);
  } finally {
    child.kill();
  }
}

async function samplesPerCpuSecond(address: string, pid: number): Promise<number> {
  await using load = await saturate(address);
  await setTimeout(WARM_UP_MS);
  const before = { usage: await usageOf(pid), samples: load.acknowledged() };
  await setTimeout(MEASURE_MS);
  const after = { usage: await usageOf(pid), samples: load.acknowledged() };
  const cpuSeconds = after.usage.cpuSeconds - before.usage.cpuSeconds;
  const samples = after.samples - before.samples;
  console.log(
    `  ${address}: ${samples} samples in ${MEASURE_MS / 1000} s, ${cpuSeconds.toFixed(2)} CPU-s, ${after.usage.peakRssMib.toFixed(0)} MiB peak RSS`,
  );
  return samples / cpuSeconds;
}
