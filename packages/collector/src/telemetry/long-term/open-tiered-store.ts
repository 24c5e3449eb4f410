import { setTimeout as delay } from 'node:timers/promises';
import { rm } from 'node:fs/promises';
import { PlimsollError } from '../../errors.ts';
import type { Runtime } from '../../runtime.ts';
import { logSegmentNumbers, logSegmentPath } from '../embedded/log/log-segments.ts';
import { loadReaderState, type ReaderState, saveReaderState } from '../embedded/log/reader-state.ts';
import { type EmbeddedTelemetryStore, openEmbeddedStore } from '../embedded/open-embedded-store.ts';
import type { EmbeddedStoreOptions } from '../embedded/store-options.ts';
import { storePaths } from '../embedded/store-paths.ts';
import { Delivery, troubleText } from './delivery.ts';
import { engineFaultOf } from './engine-fault.ts';
import { Forwarder } from './forwarder.ts';
import { PROBE_AT_START_MS } from './limits.ts';
import type { LongTermEngine } from './long-term-engine.ts';
import { LongTermMetrics } from './long-term-metrics.ts';
import { Progress } from './progress.ts';
import { TieredStore } from './tiered-store.ts';

export interface TieredStoreInit {
  readonly path: string;
  readonly runtime: Runtime;
  /** Disposed with the store. */
  readonly engine: LongTermEngine;
  readonly options: Partial<EmbeddedStoreOptions> & {
    readonly queueLimitBytes: number;
    readonly retentionTimeMs: number;
  };
  /** How long samples stay in the embedded store, once they are forwarded. */
  readonly recentMs: number;
}

/**
 * Opens the embedded store in a directory with a long-term engine behind it, and begins to forward.
 *
 * @throws PlimsollError what `openEmbeddedStore` throws, and 'configuration' where the engine's server never will do.
 * One that is not there now is waited for.
 */
export async function openTieredStore(init: TieredStoreInit): Promise<TieredStore> {
  const { path, runtime, engine, options, recentMs } = init;
  await using opened = new AsyncDisposableStack();
  opened.use(engine);
  const fault = await probe(engine, runtime);
  const known = loadReaderState(path);
  const embedded = opened.use(await openEmbeddedStore({ path, runtime, options }));
  const state = stateOf(known, embedded, { nowMs: embedded.ageNow(), recentMs });
  if (known === null || known.interrupted) await saveReaderState(path, state);
  const progress = new Progress(path, state);
  let forwarder: Forwarder | undefined;
  const tail = embedded.follow({
    keepSegmentsFrom: () => forwarder?.confirmed.segment ?? 0,
    release: () => progress.release(),
    dropping: (beforeMs) => progress.releaseBefore(beforeMs),
  });
  progress.watch(tail);
  await dropForwarded(path, state.segment);
  tail.passed(progress.position);
  const metrics = new LongTermMetrics(runtime.metrics, () => ({
    queueBytes: tail.bytes,
    queueLimitBytes: options.queueLimitBytes,
    lagSeconds: (forwarder?.lagMs(runtime.now()) ?? 0) / 1000,
    fault: delivery.trouble?.fault ?? null,
    up: delivery.up,
  }));
  const delivery = new Delivery({ engine, runtime, metrics, pause, fault });
  forwarder = new Forwarder({
    runtime,
    store: embedded,
    tail,
    delivery,
    metrics,
    settleMs: engine.settleMs ?? 0,
    from: progress.position,
    newestMs: state.newestMs ?? -Infinity,
    save: (position, newestMs) => progress.forwarded(position, newestMs),
  });
  opened.move();
  const { retentionTimeMs } = options;
  return new TieredStore({
    embedded,
    engine,
    forwarder,
    progress,
    metrics,
    trouble: () => delivery.trouble,
    recentMs,
    retentionTimeMs,
  });
}

/** Null where the server is there and does what is needed; else what is in the way for now. */
async function probe(engine: LongTermEngine, runtime: Runtime): Promise<PlimsollError | null> {
  try {
    await engine.probe(AbortSignal.timeout(PROBE_AT_START_MS));
    return null;
  } catch (thrown) {
    const error = PlimsollError.from(thrown, 'unavailable');
    if (error.code === 'configuration') throw error;
    runtime.log.warn(
      { engine: engine.name, fault: engineFaultOf(error) },
      `the long-term engine cannot be used yet, telemetry waits for it in the queue: ${troubleText(error)}`,
    );
    return error;
  }
}

/**
 * Where to go on. What was appended while nobody forwarded is in the embedded store alone: it stays there as long as
 * retention allows. The recent hours are the embedded store's from the first day on, so that rules, which look at them,
 * depend on no server.
 */
function stateOf(
  known: ReaderState | null,
  embedded: EmbeddedTelemetryStore,
  { nowMs, recentMs }: { readonly nowMs: number; readonly recentMs: number },
): ReaderState {
  if (known !== null && !known.interrupted) return known;
  const { oldestMs, newestMs: newestKnownMs } = embedded.stats();
  const newestMs = newestKnownMs ?? (oldestMs === null ? null : nowMs);
  const place = { segment: known?.segment ?? 0, offset: known?.offset ?? 0 };
  const completeFromMs = known?.completeFromMs ?? nowMs - recentMs;
  const retainedFromMs = known?.retainedFromMs ?? 0;
  const facts = { newestMs, historyEndMs: newestMs, completeFromMs, retainedFromMs };
  return { ...place, ...facts, interrupted: false };
}

/** Segments that were forwarded, and whose removal a crash prevented. */
async function dropForwarded(path: string, before: number): Promise<void> {
  const { queue } = storePaths(path);
  for (const number of logSegmentNumbers(queue)) {
    if (number < before) await rm(logSegmentPath(queue, number), { force: true });
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal });
}
