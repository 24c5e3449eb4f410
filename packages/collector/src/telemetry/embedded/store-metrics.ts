import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { StoreStats } from '../store.ts';

export interface StoreMetrics {
  readonly commits: Counter;
  readonly commitFailures: Counter;
  readonly syncSeconds: Histogram;
  readonly appended: Counter;
  readonly refused: Counter<'reason'>;
}

/** Registers the store's own metrics. Gauges are read when the page is asked for. */
export function registerStoreMetrics(
  registry: Registry,
  stats: () => StoreStats & { readonly headSamples: number },
): StoreMetrics {
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number): void => {
    const metric: Gauge = new Gauge({ name, help, registers, collect: () => metric.set(read()) });
  };
  gauge('plimsoll_store_active_series', 'Series the store knows.', () => stats().activeSeries);
  gauge(
    'plimsoll_store_head_samples',
    'Samples in memory that are not encoded yet.',
    () => stats().headSamples,
  );
  gauge('plimsoll_store_log_bytes', 'Size of the durable log of recent appends.', () => stats().logBytes);
  gauge('plimsoll_store_disk_bytes', 'Size of everything the store keeps on disk.', () => stats().diskBytes);
  gauge('plimsoll_store_read_only', '1 while the store refuses appends, else 0.', () =>
    stats().readOnlyReason === null ? 0 : 1,
  );
  return {
    commits: new Counter({
      name: 'plimsoll_store_commits_total',
      help: 'Groups of appends made durable.',
      registers,
    }),
    commitFailures: new Counter({
      name: 'plimsoll_store_commit_failures_total',
      help: 'Groups of appends that could not be made durable; nothing of them was acknowledged.',
      registers,
    }),
    syncSeconds: new Histogram({
      name: 'plimsoll_store_fdatasync_duration_seconds',
      help: 'Time to write one group of appends and force it to the disk.',
      buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
      registers,
    }),
    appended: new Counter({
      name: 'plimsoll_store_samples_appended_total',
      help: 'Samples taken into the store.',
      registers,
    }),
    refused: new Counter({
      name: 'plimsoll_store_samples_refused_total',
      help: 'Samples not taken: duplicate, out_of_order, too_old, over_limit (series refused) or read_only.',
      labelNames: ['reason'],
      registers,
    }),
  };
}
