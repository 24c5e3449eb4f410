import type { AlertmanagerTarget } from '../config/config.ts';
import { LOG_REPEAT_MS } from '../limits.ts';
import { limitRepeats } from '../log-limit.ts';
import type { Runtime } from '../runtime.ts';
import type { AlertmanagerMetrics } from './alertmanager-metrics.ts';
import type { OwnAlerts } from './own-alerts.ts';
import { PushTarget } from './push-target.ts';

/** Sends the alerts of our rules to real Alertmanagers, each by itself: one that hangs holds up no other. */
export class AlertPusher implements AsyncDisposable {
  readonly #runtime: Runtime;
  readonly #own: OwnAlerts;
  readonly #metrics: AlertmanagerMetrics;
  readonly #warn: ReturnType<typeof limitRepeats>;
  #targets: ReadonlyMap<string, PushTarget> = new Map();

  constructor(runtime: Runtime, own: OwnAlerts, metrics: AlertmanagerMetrics) {
    this.#runtime = runtime;
    this.#own = own;
    this.#metrics = metrics;
    this.#warn = limitRepeats(runtime, LOG_REPEAT_MS);
  }

  /** The addresses alerts are posted to. */
  get urls(): readonly string[] {
    return [...this.#targets.keys()];
  }

  /** Replaces the targets; one that stays is not told everything again. */
  async reload(targets: readonly AlertmanagerTarget[]): Promise<void> {
    const before = this.#targets;
    this.#targets = new Map(
      targets.map((target) => [target.url, before.get(target.url) ?? this.#make(target)]),
    );
    const gone = [...before].filter(([url]) => !this.#targets.has(url));
    await Promise.all(gone.map(async ([, target]) => target[Symbol.asyncDispose]()));
  }

  /** Called each second. */
  tick(): void {
    if (this.#targets.size === 0) return;
    const alerts = this.#own.all();
    for (const target of this.#targets.values()) target.push(alerts);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.reload([]);
  }

  #make(target: AlertmanagerTarget): PushTarget {
    const { metrics, runtime } = { metrics: this.#metrics, runtime: this.#runtime };
    const labels = { alertmanager: target.url };
    metrics.sent.inc(labels, 0);
    metrics.failures.inc(labels, 0);
    return new PushTarget({
      target,
      now: runtime.now,
      onSent: (count) => metrics.sent.inc(labels, count),
      onFailure: (reason) => {
        metrics.failures.inc(labels);
        this.#warn(target.url, { ...labels, reason }, 'alerts could not be sent to an Alertmanager');
      },
    });
  }
}
