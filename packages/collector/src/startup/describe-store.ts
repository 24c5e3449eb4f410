import type { FileConfig, LongTermConfig } from '../config/config.ts';
import type { Runtime } from '../runtime.ts';
import { withoutSecrets } from '../telemetry/remote/http-client.ts';
import type { TelemetryStore } from '../telemetry/store.ts';

/**
 * What a log is to tell of the store that was opened: where and what it is, how long it keeps what, what it has, and
 * what its recovery did. Sizes are in bytes, durations in seconds; `damagedFiles` were set aside or are unreadable in
 * parts, each with an error of its own.
 */
export async function describeStore(
  store: Pick<TelemetryStore, 'stats'>,
  { path, storage, openedInMs }: { path: string; storage: FileConfig['storage']; openedInMs: number },
  { metrics }: Pick<Runtime, 'metrics'>,
): Promise<Readonly<Record<string, unknown>>> {
  const { activeSeries, diskBytes, logBytes, oldestMs, newestMs } = store.stats();
  const damaged = await metrics.getSingleMetric('plimsoll_store_damaged_files')?.get();
  return {
    engine: storage.longTerm?.server.kind ?? 'embedded',
    ...(storage.longTerm && { server: addressOf(storage.longTerm) }),
    path,
    retentionSeconds: storage.retentionTimeMs / 1000,
    retentionBytes: storage.retentionSizeBytes,
    diskBytes,
    series: activeSeries,
    oldestAt: iso(oldestMs),
    newestAt: iso(newestMs),
    replayedLogBytes: logBytes,
    damagedFiles: damaged?.values[0]?.value ?? 0,
    openedInSeconds: openedInMs / 1000,
  };
}

function addressOf({ server }: LongTermConfig): string {
  return withoutSecrets(server.kind === 'questdb' ? server.url : server.writeUrl);
}

function iso(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(timeMs).toISOString();
}
