import type { Signal } from '../desk/signal.ts';
import { fingerprint } from '../notify/fingerprint.ts';
import type { Alert } from './alert.ts';
import { LIVE_RESENDS, RESEND_DELAY_MS, RESOLVED_RETENTION_MS } from './limits.ts';

/** An alert of our rules, and when it ended; null while it fires. */
export interface OwnAlert {
  readonly key: string;
  readonly alert: Alert;
  readonly resolvedAtMs: number | null;
}

/** How our alerts look to others. */
export interface OwnAlertOptions {
  readonly externalUrl: string;
  /** Labels added when an alert leaves the collector; the alert's own win. */
  readonly externalLabels: () => Readonly<Record<string, string>>;
}

/** The alerts of our rules as Alertmanager knows alerts, from the signals the desk gets. */
export class OwnAlerts {
  readonly #alerts = new Map<string, OwnAlert>();
  readonly #options: OwnAlertOptions;

  constructor(options: OwnAlertOptions) {
    this.#options = options;
  }

  note(signal: Signal): void {
    const labels = { ...this.#options.externalLabels(), ...signal.labels };
    const key = fingerprint(labels);
    const known = this.#alerts.get(key);
    if (signal.kind === 'recovery') {
      if (known === undefined || known.resolvedAtMs !== null) return;
      const { recoveredAtMs, evaluatedAtMs } = signal;
      const alert = { ...known.alert, endsAtMs: recoveredAtMs, updatedAtMs: evaluatedAtMs };
      this.#alerts.set(key, { key, alert, resolvedAtMs: evaluatedAtMs });
      return;
    }
    const alert = {
      labels,
      annotations: signal.annotations,
      startsAtMs: signal.onsetAtMs,
      endsAtMs: signal.evaluatedAtMs + LIVE_RESENDS * RESEND_DELAY_MS,
      updatedAtMs: signal.evaluatedAtMs,
      generatorUrl: this.#generatorUrl(signal.expression),
    };
    this.#alerts.set(key, { key, alert, resolvedAtMs: null });
  }

  /** Those that fire. */
  firing(): readonly Alert[] {
    return this.all().flatMap(({ alert, resolvedAtMs }) => (resolvedAtMs === null ? [alert] : []));
  }

  /** Those that ended lately, too. */
  all(): readonly OwnAlert[] {
    return [...this.#alerts.values()];
  }

  /** Forgets what ended long ago. */
  tick(nowMs: number): void {
    for (const { key, resolvedAtMs } of this.#alerts.values()) {
      if (resolvedAtMs !== null && nowMs - resolvedAtMs > RESOLVED_RETENTION_MS) this.#alerts.delete(key);
    }
  }

  #generatorUrl(expression: string): string {
    const base = this.#options.externalUrl.replace(/\/+$/, '');
    return `${base}/graph?g0.expr=${encodeURIComponent(expression)}&g0.tab=1`;
  }
}
