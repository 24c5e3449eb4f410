import type { Alert } from '../../alertmanager/alert.ts';
import { fingerprint } from '../../notify/fingerprint.ts';

/** An alert as Alertmanager's API shows it. */
export interface GettableAlert {
  readonly annotations: Readonly<Record<string, string>>;
  readonly endsAt: string;
  readonly fingerprint: string;
  readonly receivers: readonly { readonly name: string }[];
  readonly startsAt: string;
  readonly status: {
    readonly inhibitedBy: readonly string[];
    readonly silencedBy: readonly string[];
    readonly state: 'active' | 'suppressed';
  };
  readonly updatedAt: string;
  readonly generatorURL: string;
  readonly labels: Readonly<Record<string, string>>;
}

export function alertJson(
  alert: Alert,
  silencedBy: readonly string[],
  receivers: readonly string[],
): GettableAlert {
  return {
    annotations: sorted(alert.annotations),
    endsAt: new Date(alert.endsAtMs).toISOString(),
    fingerprint: fingerprint(alert.labels),
    receivers: receivers.map((name) => ({ name })),
    startsAt: new Date(alert.startsAtMs).toISOString(),
    status: { inhibitedBy: [], silencedBy, state: silencedBy.length === 0 ? 'active' : 'suppressed' },
    updatedAt: new Date(alert.updatedAtMs).toISOString(),
    generatorURL: alert.generatorUrl,
    labels: sorted(alert.labels),
  };
}

/** Go writes maps in the order of their keys. */
function sorted(record: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
