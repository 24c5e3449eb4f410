import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { simulatedSeries } from '../../packages/cli/src/fleet/simulated-host.ts';
import { startProgram } from '../support/program.ts';
import type { Figure } from './support/figure.ts';
import { LoadStream } from './support/load-stream.ts';
import { usageOf } from './support/process-usage.ts';

const STREAMS = 8;
const SERIES = 100;
const WARM_UP_MS = 3000;
const MEASURE_MS = 10_000;
const INTERVAL_MS = 10_000;

/**
 * Samples per CPU-second of the collector with eight saturated streams of 100 series a message, durable and
 * acknowledged; beside it the same messages against a server that only decodes and acknowledges.
 */
export async function benchIngest(): Promise<Figure[]> {
  const wire = await bareWire();
  await using program = await startProgram({ command: 'collector' });
  const pid = program.process.pid;
  if (pid === undefined) throw new Error('the collector has no process');
  const ours = await saturate(program.grpc, pid);
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
    return await saturate(`127.0.0.1:${line.toString().trim()}`, child.pid);
  } finally {
    child.kill();
  }
}

async function saturate(address: string, pid: number): Promise<number> {
  const series = simulatedSeries(SERIES);
  const streams = await Promise.all(
    Array.from({ length: STREAMS }, (_, n) =>
      LoadStream.open({ address, instance: `bench-${n}`, series, seed: n, intervalMs: INTERVAL_MS }),
    ),
  );
  const stop = new AbortController();
  const start = Date.now() - 30 * 86_400_000 + 3_600_000;
  const loops = streams.map(async (stream) => {
    for (let at = start; !stop.signal.aborted; at += INTERVAL_MS) await stream.send(at, INTERVAL_MS / 1000);
    await stream.settled();
  });
  await sleep(WARM_UP_MS);
  const before = { usage: await usageOf(pid), acknowledged: total(streams) };
  await sleep(MEASURE_MS);
  const after = { usage: await usageOf(pid), acknowledged: total(streams) };
  stop.abort();
  await Promise.all(loops);
  for (const stream of streams) stream[Symbol.dispose]();
  const cpuSeconds = after.usage.cpuSeconds - before.usage.cpuSeconds;
  const samples = (after.acknowledged - before.acknowledged) * SERIES;
  console.log(
    `  ${address}: ${samples} samples in ${MEASURE_MS / 1000} s, ${cpuSeconds.toFixed(2)} CPU-s, ${after.usage.peakRssMib.toFixed(0)} MiB peak RSS`,
  );
  return samples / cpuSeconds;
}

function total(streams: readonly LoadStream[]): number {
  return streams.reduce((sum, stream) => sum + stream.acknowledged, 0);
}

async function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
