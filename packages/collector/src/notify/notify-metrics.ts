import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export type Outcome = 'sent' | 'retried' | 'rejected' | 'expired' | 'removed' | 'silenced';

/** What telling others counts. */
export interface NotifyMetrics {
  readonly notifications: Counter<'channel' | 'outcome'>;
  readonly latency: Histogram<'channel'>;
  readonly queued: Gauge<'channel'>;
}

export function registerNotifyMetrics(registry: Registry): NotifyMetrics {
  const registers = [registry];
  return {
    notifications: new Counter({
      name: 'plimsoll_notifications_total',
      help: 'Attempts to notify, by what became of them: sent, retried, given up as rejected, expired or removed with their channel, or withheld by a silence.',
      labelNames: ['channel', 'outcome'],
      registers,
    }),
    latency: new Histogram({
      name: 'plimsoll_notification_latency_seconds',
      help: 'Time from the event to the answer of the receiver that took the message.',
      labelNames: ['channel'],
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 3600],
      registers,
    }),
    queued: new Gauge({
      name: 'plimsoll_notifications_queued',
      help: 'Messages waiting for a channel.',
      labelNames: ['channel'],
      registers,
    }),
  };
}
