import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { StoreStats } from '../store.ts';

/** Why samples were not taken. */
export type RefusalReason = 'duplicate' | 'out_of_order' | 'too_old' | 'over_limit' | 'read_only';

const REASONS: readonly RefusalReason[] = ['duplicate', 'out_of_order', 'too_old', 'over_limit', 'read_only'];

/** Counts kept as plain numbers, because an append costs about a microsecond; the registry reads them when asked. */
export class StoreMetrics {
  commits = 0;
  commitFailures = 0;
  sealFailures = 0;
  writerRestarts = 0;
  appended = 0;
  readonly refused: Record<RefusalReason, number> = {
    duplicate: 0,
    out_of_order: 0,
    too_old: 0,
    over_limit: 0,
    read_only: 0,
  };
  readonly #syncSeconds: Histogram;

  constructor(registry: Registry, stats: () => StoreStats & { readonly headSamples: number }) {
    const registers = [registry];
    const gauge = (name: string, help: string, read: () => number): void => {
      const metric: Gauge = new Gauge({ name, help, registers, collect: () => metric.set(read()) });
    };
    const counter = (name: string, help: string, read: () => number): void => {
      const metric: Counter = new Counter({ name, help, registers, collect: () => set(metric, {}, read()) });
    };
    gauge('plimsoll_store_active_series', 'Series the store knows.', () => stats().activeSeries);
    gauge(
      'plimsoll_store_head_samples',
      'Samples in memory that are not encoded yet.',
      () => stats().headSamples,
    );
    gauge('plimsoll_store_log_bytes', 'Size of the durable log of recent appends.', () => stats().logBytes);
    gauge(
      'plimsoll_store_disk_bytes',
      'Size of everything the store keeps on disk.',
      () => stats().diskBytes,
    );
    gauge('plimsoll_store_read_only', '1 while the store refuses appends, else 0.', () =>
      stats().readOnlyReason === null ? 0 : 1,
    );
    counter('plimsoll_store_commits_total', 'Groups of appends made durable.', () => this.commits);
    counter(
      'plimsoll_store_commit_failures_total',
      'Groups of appends that could not be made durable; nothing of them was acknowledged.',
      () => this.commitFailures,
    );
    counter(
      'plimsoll_store_seal_failures_total',
      'Failed attempts to move telemetry on from the log; it stays there and is tried again.',
      () => this.sealFailures,
    );
    counter(
      'plimsoll_store_writer_restarts_total',
      'Writers of the store that were started because the one before had died.',
      () => this.writerRestarts,
    );
    counter('plimsoll_store_samples_appended_total', 'Samples taken into the store.', () => this.appended);
    const refused: Counter<'reason'> = new Counter({
      name: 'plimsoll_store_samples_refused_total',
      help: 'Samples not taken: duplicate, out_of_order, too_old, over_limit (series refused) or read_only.',
      labelNames: ['reason'],
      registers,
      collect: () => {
        for (const reason of REASONS) set(refused, { reason }, this.refused[reason]);
      },
    });
    this.#syncSeconds = new Histogram({
      name: 'plimsoll_store_fdatasync_duration_seconds',
      help: 'Time to write one group of appends and force it to the disk.',
      buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
      registers,
    });
  }

  committed(syncSeconds: number): void {
    this.commits++;
    this.#syncSeconds.observe(syncSeconds);
  }
}

/** Brings a counter to a value that is counted elsewhere. */
function set<L extends string>(counter: Counter<L>, labels: Partial<Record<L, string>>, value: number): void {
  counter.remove(labels);
  counter.inc(labels, value);
}
