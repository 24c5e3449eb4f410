import { Counter, type Registry } from 'prom-client';

/** What is counted of alerts that come from other servers and go to others. */
export interface AlertmanagerMetrics {
  readonly received: Counter<'outcome'>;
  readonly sent: Counter<'alertmanager'>;
  readonly failures: Counter<'alertmanager'>;
}

export function registerAlertmanagerMetrics(registry: Registry): AlertmanagerMetrics {
  const registers = [registry];
  return {
    received: new Counter({
      name: 'plimsoll_alerts_received_total',
      help: 'Alerts posted by other servers: firing, resolved, invalid, or dropped because too many fire.',
      labelNames: ['outcome'],
      registers,
    }),
    sent: new Counter({
      name: 'plimsoll_alertmanager_alerts_sent_total',
      help: 'Alerts of our rules that an Alertmanager took, repeats included.',
      labelNames: ['alertmanager'],
      registers,
    }),
    failures: new Counter({
      name: 'plimsoll_alertmanager_failures_total',
      help: 'Requests to an Alertmanager that failed; they are tried again.',
      labelNames: ['alertmanager'],
      registers,
    }),
  };
}
