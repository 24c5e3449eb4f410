import { hostname } from 'node:os';
import type { FileConfig, LongTermConfig } from '../config/config.ts';
import type { Runtime } from '../runtime.ts';
import { interruptReading } from '../telemetry/embedded/log/reader-state.ts';
import { type EmbeddedTelemetryStore, openEmbeddedStore } from '../telemetry/embedded/open-embedded-store.ts';
import type { LongTermEngine } from '../telemetry/long-term/long-term-engine.ts';
import { openTieredStore } from '../telemetry/long-term/open-tiered-store.ts';
import { createQuestdbEngine } from '../telemetry/questdb/create-questdb-engine.ts';
import { createRemoteEngine } from '../telemetry/remote/create-remote-engine.ts';
import type { TelemetryStore } from '../telemetry/store.ts';
import { describeStore } from './describe-store.ts';

/** The telemetry store with what a backup of it and its retention need. */
export type StateStore = TelemetryStore &
  Pick<EmbeddedTelemetryStore, 'backUp' | 'ageNow' | 'damagedAtOpening'>;

/** Opens the telemetry store with the engine the configuration names behind it, and tells the log of it. */
export async function openStore(path: string, config: FileConfig, runtime: Runtime): Promise<StateStore> {
  const beganMs = performance.now();
  const store = await openEngine(path, config, runtime);
  const { storage } = config;
  const facts = { path, storage, openedInMs: performance.now() - beganMs };
  runtime.log.info(await describeStore(store, facts, runtime), 'the telemetry store is open');
  return store;
}

async function openEngine(path: string, config: FileConfig, runtime: Runtime): Promise<StateStore> {
  const { longTerm, ...storage } = config.storage;
  const options = { ...storage, maxSeries: config.ingest.maxSeriesTotal };
  if (longTerm === null) {
    await interruptReading(path);
    return openEmbeddedStore({ path, runtime, options });
  }
  const { recentMs, queueLimitBytes } = longTerm;
  return openTieredStore({
    path,
    runtime,
    engine: engineFor(longTerm, runtime),
    // The engine keeps the samples themselves.
    options: { ...options, queueLimitBytes, rollupRetentionMs: 0 },
    recentMs,
  });
}

function engineFor({ server }: LongTermConfig, runtime: Runtime): LongTermEngine {
  return server.kind === 'questdb'
    ? createQuestdbEngine({ ...server, runtime })
    : createRemoteEngine({ ...server, collector: hostname() });
}
