import type { SystemStatus } from '../api/plimsoll/system-status-routes.ts';
import type { Desk } from '../desk/desk.ts';
import type { Evaluation } from '../evaluation/evaluation.ts';
import type { Runtime } from '../runtime.ts';
import type { Scrub } from '../scrub/scrub.ts';
import type { StoreStats, TelemetryStore } from '../telemetry/store.ts';
import type { Reloader } from './reloader.ts';

export interface StatusSources {
  readonly runtime: Runtime;
  readonly version: string;
  readonly startedAtMs: number;
  readonly store: Pick<TelemetryStore, 'incarnation' | 'stats'>;
  readonly desk: Pick<Desk, 'status'>;
  readonly evaluation: Pick<Evaluation, 'summary'>;
  readonly scrub: Pick<Scrub, 'damagedFiles'>;
  readonly reloader: Pick<Reloader, 'last'>;
  readonly isReady: () => boolean;
}

/** Rates are taken over one to two of these, milliseconds: several collections of every agent. */
const RATE_WINDOW_MS = 30_000;

/** The monitor's own health, from the parts and from the metrics they keep. */
export function systemStatusOf(sources: StatusSources): () => Promise<SystemStatus> {
  let older = { atMs: sources.startedAtMs, samples: 0 };
  let newer = older;
  return async () => {
    const { runtime, version, startedAtMs, store, desk, reloader } = sources;
    const nowMs = runtime.now();
    const samples = await total(runtime, 'plimsoll_ingest_samples_total');
    if (nowMs - newer.atMs >= RATE_WINDOW_MS) [older, newer] = [newer, { atMs: nowMs, samples }];
    const elapsedMs = Math.max(1, nowMs - older.atMs);
    const stats = store.stats();
    const last = reloader.last();
    return {
      version,
      startedAt: iso(startedAtMs),
      incarnation: store.incarnation,
      ready: sources.isReady(),
      ingest: {
        samplesPerSecond: ((samples - older.samples) * 1000) / elapsedMs,
        framesTotal: await total(runtime, 'plimsoll_ingest_frames_total'),
        droppedTotal: await total(runtime, 'plimsoll_ingest_series_dropped_total'),
        lagSeconds: await total(runtime, 'plimsoll_ingest_lag_seconds'),
        streams: await total(runtime, 'plimsoll_ingest_streams'),
      },
      store: {
        activeSeries: stats.activeSeries,
        diskBytes: stats.diskBytes,
        logBytes: stats.logBytes,
        oldestAt: stats.oldestMs === null ? null : iso(stats.oldestMs),
        newestAt: stats.newestMs === null ? null : iso(stats.newestMs),
        readOnlyReason: stats.readOnlyReason,
        longTerm: longTermOf(stats),
        ...(await damagedOf(sources.scrub)),
      },
      rules: sources.evaluation.summary(),
      configuration: {
        lastReloadSuccessful: last.successful,
        lastReloadAt: iso(last.atMs),
        error: last.error,
      },
      journal: desk.status(),
    };
  };
}

function longTermOf({ longTerm }: StoreStats): SystemStatus['store']['longTerm'] {
  if (longTerm === undefined || longTerm === null) return null;
  const { fault, message, sinceMs } = longTerm;
  return { fault, message, since: iso(sinceMs) };
}

async function damagedOf(
  scrub: StatusSources['scrub'],
): Promise<Pick<SystemStatus['store'], 'damagedCount' | 'damagedFiles'>> {
  const { count, files } = await scrub.damagedFiles();
  const damagedFiles = files.map(({ file, message, foundAtMs }) => ({
    file,
    message,
    foundAt: foundAtMs === null ? null : iso(foundAtMs),
  }));
  return { damagedCount: count, damagedFiles };
}

/** The sum over a metric's label sets. */
async function total(runtime: Runtime, name: string): Promise<number> {
  const metric = await runtime.metrics.getSingleMetric(name)?.get();
  return metric?.values.reduce((sum, { value }) => sum + value, 0) ?? 0;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
