import { Counter, Gauge, Histogram } from 'prom-client';
import type { Registry } from 'prom-client';
import type { Priority } from './json/common.ts';

export interface DeskMetrics {
  readonly events: Counter;
  readonly failures: Counter;
  readonly commitSeconds: Histogram;
  readonly signals: Counter<'kind'>;
  readonly droppedSignals: Counter;
  readonly opened: Counter<'priority'>;
  readonly listenerFailures: Counter;
}

/** Registers the desk's metrics. `openIncidents` counts them by priority when the page is made. */
export function deskMetrics(
  registry: Registry,
  openIncidents: () => ReadonlyMap<Priority, number>,
): DeskMetrics {
  const registers = [registry];
  const open = new Gauge({
    name: 'plimsoll_incidents_open',
    help: 'Incidents that are neither resolved, closed nor canceled.',
    labelNames: ['priority'],
    registers,
    collect() {
      for (const [priority, count] of openIncidents()) open.set({ priority }, count);
    },
  });
  return {
    events: new Counter({
      name: 'plimsoll_journal_events_total',
      help: 'Events made durable in the journal.',
      registers,
    }),
    failures: new Counter({
      name: 'plimsoll_journal_commit_failures_total',
      help: 'Commits the journal refused; their operations were rejected.',
      registers,
    }),
    commitSeconds: new Histogram({
      name: 'plimsoll_journal_commit_duration_seconds',
      help: 'Time to make a group of events durable.',
      buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
      registers,
    }),
    signals: new Counter({
      name: 'plimsoll_signals_total',
      help: 'Breaches and recoveries told by rule evaluation, repeats included.',
      labelNames: ['kind'],
      registers,
    }),
    droppedSignals: new Counter({
      name: 'plimsoll_signals_dropped_total',
      help: 'Recoveries lost because too many waited for a journal that could not be written. Not intended.',
      registers,
    }),
    opened: new Counter({
      name: 'plimsoll_incidents_opened_total',
      help: 'Incidents opened.',
      labelNames: ['priority'],
      registers,
    }),
    listenerFailures: new Counter({
      name: 'plimsoll_journal_listener_failures_total',
      help: 'Events a listener failed to take.',
      registers,
    }),
  };
}
