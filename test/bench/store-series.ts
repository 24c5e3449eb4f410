import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Program, startProgram } from '../support/program.ts';
import { diskBytes } from './support/disk-bytes.ts';
import type { Figure } from './support/figure.ts';
import { usageOf } from './support/process-usage.ts';
import { samplesOf, type StoreLoad, streamLoad, writeLoad } from './support/store-load.ts';
import { startVictoriaMetrics } from './support/victoria-metrics.ts';

const STREAMS = 20;
const SERIES_PER_STREAM = 5000;
const INTERVAL_MS = 10_000;
const MINUTES = 150;
/** As much as it takes of the same in this time is what the peer gets: its memory is near its peak long before. */
const PEER_LIMIT_MS = 75_000;
/** A log that reaches this far back is the longest a collector that keeps up leaves behind. */
const RESTART_MINUTES = 20;
/** A minute of data: more is on its way at once only after an outage, and then as backfill. */
const STEPS_IN_FLIGHT = 6;
const COLLECTOR = { command: 'collector', config: 'shippedRules: false\n' } as const;

/** Peak memory of the collector with 100,000 active series, beside VictoriaMetrics with the same. */
export async function benchSeries(): Promise<Figure[]> {
  const load = loadOf(MINUTES);
  const ours = await ourPeak(load);
  const theirs = await victoriaPeak(load);
  return [
    {
      what: '100,000 series, 20 streams x 5,000, 150 min of data, peak resident memory',
      ours,
      unit: 'MiB',
      goal: 250,
      better: 'less',
      ...(theirs !== null && { beside: { name: 'VictoriaMetrics', value: theirs } }),
    },
  ];
}

/** How long a collector with 100,000 series takes to be ready again after a crash. */
export async function benchRestart(): Promise<Figure[]> {
  const directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-restart-'));
  try {
    const load = loadOf(RESTART_MINUTES);
    {
      await using program = await startProgram({ ...COLLECTOR, directory });
      await streamLoad(program.grpc, load, STEPS_IN_FLIGHT);
      const logBytes = await diskBytes(path.join(program.storagePath, 'telemetry', 'log'));
      console.log(`  ${samplesOf(load)} samples written, ${mib(logBytes)} MiB of log; killed`);
      await program.kill();
    }
    const started = performance.now();
    await using program = await startProgram({ ...COLLECTOR, directory });
    const seconds = (performance.now() - started) / 1000;
    const { cpuSeconds, rssMib } = await usageOf(pidOf(program));
    console.log(`  ready after ${cpuSeconds.toFixed(2)} CPU-s, ${rssMib.toFixed(0)} MiB resident`);
    return [
      {
        what: `100,000 series, kill -9 with ${RESTART_MINUTES} min in memory, until ready again`,
        ours: seconds,
        unit: 's',
        goal: 3,
        better: 'less',
      },
    ];
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function loadOf(minutes: number): StoreLoad {
  const steps = (minutes * 60_000) / INTERVAL_MS;
  const endMs = Math.floor(Date.now() / 60_000) * 60_000;
  return {
    hosts: STREAMS,
    seriesPerHost: SERIES_PER_STREAM,
    steps,
    intervalMs: INTERVAL_MS,
    startMs: endMs - (steps - 1) * INTERVAL_MS,
  };
}

async function ourPeak(load: StoreLoad): Promise<number> {
  await using program = await startProgram(COLLECTOR);
  const started = performance.now();
  await streamLoad(program.grpc, load, STEPS_IN_FLIGHT);
  const seconds = (performance.now() - started) / 1000;
  const { cpuSeconds, rssMib, peakRssMib } = await usageOf(pidOf(program));
  console.log(
    `  ours: ${samplesOf(load)} samples in ${seconds.toFixed(0)} s, ${cpuSeconds.toFixed(1)} CPU-s, ${rssMib.toFixed(0)} MiB now, ${peakRssMib.toFixed(0)} at the peak`,
  );
  return peakRssMib;
}

async function victoriaPeak(load: StoreLoad): Promise<number | null> {
  await using server = await startVictoriaMetrics();
  if (server === null) return null;
  const steps = await writeLoad(server.url, load, PEER_LIMIT_MS);
  const { cpuSeconds, peakRssMib } = await usageOf(server.pid);
  const minutes = Math.floor((steps * INTERVAL_MS) / 60_000);
  console.log(
    `  VictoriaMetrics: the first ${minutes} min, ${cpuSeconds.toFixed(1)} CPU-s, ${peakRssMib.toFixed(0)} MiB at the peak`,
  );
  return peakRssMib;
}

function pidOf({ process: { pid } }: Program): number {
  if (pid === undefined) throw new Error('the collector has no process');
  return pid;
}

function mib(bytes: number): string {
  return (bytes / 1024 ** 2).toFixed(0);
}
