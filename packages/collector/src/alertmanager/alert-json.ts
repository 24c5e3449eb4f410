import type { Alert } from './alert.ts';

/** An alert as it is posted to an Alertmanager. */
export function postableAlert(alert: Alert): Readonly<Record<string, unknown>> {
  return {
    annotations: alert.annotations,
    endsAt: new Date(alert.endsAtMs).toISOString(),
    startsAt: new Date(alert.startsAtMs).toISOString(),
    generatorURL: alert.generatorUrl,
    labels: alert.labels,
  };
}
