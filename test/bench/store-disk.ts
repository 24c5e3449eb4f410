import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { startProgram } from '../support/program.ts';
import { diskBytes } from './support/disk-bytes.ts';
import type { Figure } from './support/figure.ts';
import { withStore } from './support/open-store.ts';
import { usageOf } from './support/process-usage.ts';
import { samplesOf, type StoreLoad, streamLoad, writeLoad } from './support/store-load.ts';
import { mergeVictoriaMetrics, startVictoriaMetrics } from './support/victoria-metrics.ts';

const SHARE_OF_PEER = 0.92;
/** What VictoriaMetrics took of such data when it was measured before, for runs without it. */
const RECORDED_BYTES = 1.31;
const WRITE_LIMIT_MS = 120_000;
const QUIET_MS = 12_000;

/** Bytes on disk for each sample after compaction, index and log included, beside VictoriaMetrics with the same samples. */
export async function benchDisk(): Promise<Figure[]> {
  const steps = 4 * 360;
  const endMs = Math.floor(Date.now() / 60_000) * 60_000;
  const load = {
    hosts: 100,
    seriesPerHost: 100,
    steps,
    intervalMs: 10_000,
    startMs: endMs - (steps - 1) * 10_000,
  };
  const ours = await ourBytes(load);
  const theirs = await victoriaBytes(load);
  return [
    {
      what: 'disk after compaction, log included, 100 hosts x 100 series x 4 h',
      ours,
      unit: 'bytes a sample',
      goal: SHARE_OF_PEER * (theirs ?? RECORDED_BYTES),
      better: 'less',
      ...(theirs !== null && { beside: { name: 'VictoriaMetrics', value: theirs } }),
    },
  ];
}

async function ourBytes(load: StoreLoad): Promise<number> {
  await using program = await startProgram({ command: 'collector', config: 'shippedRules: false\n' });
  await streamLoad(program.grpc, load);
  const { cpuSeconds, peakRssMib } = await usageOf(program.process.pid ?? 0);
  const directory = path.join(program.storagePath, 'telemetry');
  const before = await diskBytes(directory);
  await program.stop();
  await withStore(directory, async (store) => store.compact());
  const bytes = await diskBytes(directory);
  console.log(
    `  ours: ${samplesOf(load)} samples, ${cpuSeconds.toFixed(1)} CPU-s, ${peakRssMib.toFixed(0)} MiB peak RSS, ${perSample(before, load)} bytes a sample as written, ${perSample(bytes, load)} compacted`,
  );
  return bytes / samplesOf(load);
}

async function victoriaBytes(load: StoreLoad): Promise<number | null> {
  await using server = await startVictoriaMetrics();
  if (server === null) return null;
  if ((await writeLoad(server.url, load, WRITE_LIMIT_MS)) < load.steps)
    throw new Error('VictoriaMetrics did not take the load in time');
  await mergeVictoriaMetrics(server.url);
  const { cpuSeconds, peakRssMib } = await usageOf(server.pid);
  const bytes = await settledBytes(server.dataPath);
  console.log(
    `  VictoriaMetrics: ${samplesOf(load)} samples, ${cpuSeconds.toFixed(1)} CPU-s, ${peakRssMib.toFixed(0)} MiB peak RSS, ${perSample(bytes, load)} bytes a sample`,
  );
  return bytes / samplesOf(load);
}

/** Once merged it still writes its index, some seconds later: what it takes when it has not changed for a while. */
async function settledBytes(dataPath: string): Promise<number> {
  const until = performance.now() + WRITE_LIMIT_MS;
  let bytes = await diskBytes(dataPath, ['cache']);
  for (let quietSince = performance.now(); performance.now() - quietSince < QUIET_MS;) {
    if (performance.now() > until) throw new Error('VictoriaMetrics went on writing');
    await setTimeout(1000);
    const now = await diskBytes(dataPath, ['cache']);
    if (now !== bytes) quietSince = performance.now();
    bytes = now;
  }
  return bytes;
}

function perSample(bytes: number, load: StoreLoad): string {
  return (bytes / samplesOf(load)).toFixed(3);
}
