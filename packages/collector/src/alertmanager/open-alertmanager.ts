import path from 'node:path';
import type { FileConfig } from '../config/config.ts';
import type { Desk } from '../desk/desk.ts';
import type { JournalEvent } from '../desk/journal/event.ts';
import type { IncidentJson } from '../desk/json/incident.ts';
import type { Signal } from '../desk/signal.ts';
import { LOG_REPEAT_MS } from '../limits.ts';
import { limitRepeats } from '../log-limit.ts';
import type { Muting } from '../notify/start-notifier.ts';
import { alertLabels } from '../notify/webhook-body.ts';
import type { Runtime } from '../runtime.ts';
import { EXTERNAL_FILE } from './alert.ts';
import { AlertPusher } from './alert-pusher.ts';
import { type AlertmanagerMetrics, registerAlertmanagerMetrics } from './alertmanager-metrics.ts';
import { ExternalAlerts } from './external-alerts.ts';
import { OwnAlerts } from './own-alerts.ts';
import type { Silence } from './silence.ts';
import { Silences } from './silences.ts';

export interface AlertmanagerOptions {
  readonly runtime: Runtime;
  readonly desk: Pick<Desk, 'signal' | 'firing' | 'submit'>;
  readonly storagePath: string;
  readonly config: FileConfig;
  readonly externalUrl: string;
}

/** The collector's part as an Alertmanager, and as one's client. */
export interface Alertmanager extends AsyncDisposable {
  readonly external: ExternalAlerts;
  readonly own: OwnAlerts;
  readonly silences: Silences;
  readonly metrics: AlertmanagerMetrics;
  /** Addresses our alerts are posted to. */
  pushUrls(): readonly string[];
  /** Which notifications are withheld. */
  readonly muting: Muting;
  /** Hears what our rules tell the desk. */
  note(signal: Signal): void;
  reload(config: FileConfig): Promise<void>;
}

const TICK_MS = 1000;

export function openAlertmanager(options: AlertmanagerOptions): Alertmanager {
  return new RunningAlertmanager(options);
}

class RunningAlertmanager implements Alertmanager {
  readonly external: ExternalAlerts;
  readonly own: OwnAlerts;
  readonly silences: Silences;
  readonly metrics: AlertmanagerMetrics;
  readonly muting: Muting;
  readonly #options: AlertmanagerOptions;
  readonly #pusher: AlertPusher;
  readonly #timer: NodeJS.Timeout;
  readonly #warn: ReturnType<typeof limitRepeats>;
  #config: FileConfig;

  constructor(options: AlertmanagerOptions) {
    const { runtime, desk, config, storagePath } = options;
    this.#options = options;
    this.#config = config;
    this.#warn = limitRepeats(runtime, LOG_REPEAT_MS);
    this.metrics = registerAlertmanagerMetrics(runtime.metrics);
    this.silences = new Silences(path.join(storagePath, 'silences.sqlite'));
    this.external = new ExternalAlerts(async (signal) => desk.signal(signal), desk.firing(), runtime.now());
    this.own = new OwnAlerts({
      externalUrl: options.externalUrl,
      externalLabels: () => this.#config.global.externalLabels,
    });
    this.muting = {
      silencing: (incident) => this.silences.covering(this.#labelsOf(incident), runtime.now()),
      withheld: (event, incident, silences) => this.#noteWithheld(event, incident, silences),
    };
    this.#pusher = new AlertPusher(runtime, this.own, this.metrics);
    void this.#pusher.reload(config.alerting.alertmanagers);
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  pushUrls(): readonly string[] {
    return this.#pusher.urls;
  }

  note(signal: Signal): void {
    this.own.note(signal);
  }

  async reload(config: FileConfig): Promise<void> {
    this.#config = config;
    await this.#pusher.reload(config.alerting.alertmanagers);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#pusher[Symbol.asyncDispose]();
    this.silences[Symbol.dispose]();
  }

  #tick(): void {
    const nowMs = this.#options.runtime.now();
    this.external
      .tick(nowMs)
      .catch((error: unknown) =>
        this.#warn('tick', { err: error }, 'the end of an alert could not be journalled'),
      );
    this.own.tick(nowMs);
    this.#pusher.tick();
    this.silences.tick(nowMs);
  }

  /** An incident's labels as the list of alerts shows them: silences are made from what people see there. */
  #labelsOf(incident: IncidentJson): Readonly<Record<string, string>> {
    const labels = alertLabels(incident);
    return incident.rule?.file === EXTERNAL_FILE
      ? labels
      : { ...this.#config.global.externalLabels, ...labels };
  }

  #noteWithheld(event: JournalEvent, incident: IncidentJson, silences: readonly Silence[]): void {
    const [first] = silences;
    const reason = first === undefined ? '' : `silence ${first.id} by ${first.createdBy}: ${first.comment}`;
    // One note an event, however many channels it would have gone to.
    const options = {
      actor: { kind: 'system', id: 'notifier' },
      idempotencyKey: `silenced/${event.id}`,
    } as const;
    this.#options.desk
      .submit(
        { type: 'incident.note', id: incident.id, text: `Notifications withheld (${event.type}), ${reason}` },
        options,
      )
      .catch((error: unknown) =>
        this.#warn('note', { err: error }, 'a withheld notification could not be noted'),
      );
  }
}
