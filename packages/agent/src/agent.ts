import { mkdirSync } from 'node:fs';
import { Collection } from './collect/collection.ts';
import type { CollectContext, Collector } from './collect/collector.ts';
import { PseudoFiles } from './collect/pseudo-files.ts';
import { linuxCollectors } from './collect/registry.ts';
import { Framer } from './frame/framer.ts';
import { SeriesTable } from './frame/series-table.ts';
import { openIdentity, readMachineId } from './identity-file.ts';
import type { Log } from './log.ts';
import type { AgentOptions } from './options.ts';
import { delayToNext, frameTimestamp, schedulePhase } from './schedule.ts';
import { MemoryFrames } from './uplink/memory-frames.ts';
import { createUplink } from './uplink/uplink.ts';

export interface Agent extends AsyncDisposable {
  /** Where the agent's own page is. */
  readonly url: string;
}

/** Starts collecting and streaming in this process. */
export async function startAgent(options: AgentOptions, log: Log): Promise<Agent> {
  mkdirSync(options.spoolPath, { recursive: true });
  const identity = openIdentity(options.spoolPath, readMachineId(options.paths.rootfs), Date.now(), log);
  const table = new SeriesTable();
  const files = new PseudoFiles();
  const context: CollectContext = { paths: options.paths, files, table, log, now: Date.now };
  const collection = new Collection(table, makeCollectors(options.collectors, context), {
    log,
    now: Date.now,
  });
  const framer = new Framer(table, identity.epoch);
  const frames = new MemoryFrames(1000);
  const uplink = createUplink({
    address: options.collectorAddress,
    identity: { ...identity, ...options },
    source: frames,
    log,
  });
  const schedule = {
    intervalMs: options.collectIntervalMs,
    phaseMs: schedulePhase(identity.agentId, options.collectIntervalMs),
  };
  let timer: NodeJS.Timeout;
  const tick = async (): Promise<void> => {
    const timestampMs = frameTimestamp(schedule, Date.now());
    await collection.run();
    const frame = framer.take(timestampMs);
    frames.append(frame);
    uplink.offer(frame);
    plan();
  };
  const plan = (): void => {
    timer = setTimeout(() => void tick(), delayToNext(schedule, Date.now()));
  };
  await tick();
  return {
    url: '',
    async [Symbol.asyncDispose]() {
      clearTimeout(timer);
      await uplink[Symbol.asyncDispose]();
      files[Symbol.dispose]();
    },
  };
}

function makeCollectors(names: readonly string[], context: CollectContext): Map<string, Collector> {
  return new Map(
    names.map((name) => {
      const make = linuxCollectors[name];
      if (make === undefined) throw new Error(`there is no collector "${name}"`);
      return [name, make(context)];
    }),
  );
}
