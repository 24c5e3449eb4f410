import type { Silence } from '../alertmanager/silence.ts';
import type { EmailChannel, NotificationChannel, WebhookChannel } from '../config/config.ts';
import type { Desk } from '../desk/desk.ts';
import type { JournalEvent } from '../desk/journal/event.ts';
import type { IncidentJson } from '../desk/json/incident.ts';
import type { Runtime } from '../runtime.ts';
import { ChannelWorker } from './channel-worker.ts';
import { type DeliveryPolicy, LIMITS } from './limits.ts';
import { makeMessage } from './message.ts';
import { type NotifyMetrics, registerNotifyMetrics } from './notify-metrics.ts';
import { type NewMessage, Outbox } from './outbox.ts';
import type { Send } from './send.ts';
import { emailSender } from './send-email.ts';
import { webhookSender } from './send-webhook.ts';
import { isEnding, topicOf } from './topic.ts';

/** Which notifications are withheld. */
export interface Muting {
  /** The silences that cover an incident now. */
  silencing(incident: IncidentJson): readonly Silence[];
  /** Called for each notification that is withheld. */
  withheld(event: JournalEvent, incident: IncidentJson, silences: readonly Silence[]): void;
}

export interface NotifierOptions {
  readonly runtime: Runtime;
  readonly desk: Pick<Desk, 'eventsAfter' | 'subscribe' | 'incident' | 'status'>;
  readonly channels: readonly NotificationChannel[];
  /** The queue's database file; made when absent. */
  readonly path: string;
  /** Where people reach this collector, for links in messages. */
  readonly externalUrl: string | null;
  /** Nothing is withheld without it. */
  readonly muting?: Muting;
  /** Differs from `LIMITS` in tests. */
  readonly policy?: Partial<DeliveryPolicy>;
}

export interface Notifier extends AsyncDisposable {
  /**
   * Replaces the channels. A new one tells what happens from now on; what a removed one still had is dropped and
   * counted; a changed one goes on where it was. A channel with an impossible address throws
   * `PlimsollError('configuration')` and leaves everything as it was.
   */
  reload(channels: readonly NotificationChannel[]): Promise<void>;
}

/** Tells channels about incidents, at once and durably: see `Outbox` for what survives what. */
export function startNotifier(options: NotifierOptions): Notifier {
  return new RunningNotifier(options);
}

class RunningNotifier implements Notifier {
  readonly #options: NotifierOptions;
  readonly #outbox: Outbox;
  readonly #metrics: NotifyMetrics;
  readonly #unsubscribe: () => void;
  #workers: ReadonlyMap<string, ChannelWorker> = new Map();

  constructor(options: NotifierOptions) {
    this.#options = options;
    const senders = this.#senders(options.channels);
    this.#outbox = new Outbox(options.path);
    this.#metrics = registerNotifyMetrics(options.runtime.metrics);
    this.#start(senders);
    this.#unsubscribe = options.desk.subscribe((event) => {
      // Other events only move the cursors on, in portions, so that the next message finds a short way to read.
      if (topicOf(event) !== undefined || event.position % LIMITS.eventsPerRead === 0) this.#wake();
    });
  }

  async reload(channels: readonly NotificationChannel[]): Promise<void> {
    const senders = this.#senders(channels);
    await this.#stop();
    this.#start(senders);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unsubscribe();
    await this.#stop();
    this.#outbox[Symbol.dispose]();
  }

  #wake(): void {
    for (const worker of this.#workers.values()) worker.wake();
  }

  async #stop(): Promise<void> {
    const workers = [...this.#workers.values()];
    this.#workers = new Map();
    await Promise.all(workers.map((worker) => worker[Symbol.asyncDispose]()));
  }

  #senders(channels: readonly NotificationChannel[]): ReadonlyMap<NotificationChannel, Send> {
    const { externalUrl } = this.#options;
    const timeoutMs = this.#policy().attemptTimeoutMs;
    return new Map(
      channels.map((channel) => [
        channel,
        channel.kind === 'webhook'
          ? webhookSender(channel, externalUrl)
          : emailSender(channel, externalUrl, timeoutMs),
      ]),
    );
  }

  #policy(): DeliveryPolicy {
    return { ...LIMITS, ...this.#options.policy };
  }

  #start(senders: ReadonlyMap<NotificationChannel, Send>): void {
    const names = new Set([...senders.keys()].map(({ name }) => name));
    for (const name of this.#outbox.channels()) if (!names.has(name)) this.#forget(name);
    const { runtime, desk } = this.#options;
    const workers = new Map<string, ChannelWorker>();
    for (const [channel, send] of senders) {
      const { name } = channel;
      if (this.#outbox.cursor(name) === undefined) this.#outbox.advance(name, desk.status().events, []);
      const worker = new ChannelWorker({
        runtime,
        name,
        outbox: this.#outbox,
        metrics: this.#metrics,
        policy: this.#policy(),
        concurrency: channel.kind === 'webhook' ? LIMITS.concurrentWebhooks : LIMITS.concurrentEmails,
        send,
        refill: () => this.#refill(channel),
      });
      workers.set(name, worker);
    }
    this.#workers = workers;
    this.#wake();
  }

  #forget(name: string): void {
    const dropped = this.#outbox.forget(name);
    this.#metrics.queued.remove({ channel: name });
    if (dropped === 0) return;
    this.#metrics.notifications.inc({ channel: name, outcome: 'removed' }, dropped);
    this.#options.runtime.log.warn(
      { channel: name, dropped },
      'A notification channel was removed with messages waiting.',
    );
  }

  /** Reads the journal on for a channel until its end, or until the queue is full. */
  #refill(channel: WebhookChannel | EmailChannel): void {
    const { desk } = this.#options;
    let cursor = this.#outbox.cursor(channel.name) ?? 0;
    let room = LIMITS.queuedPerChannel - this.#outbox.count(channel.name);
    while (room > 0) {
      const events = desk.eventsAfter(cursor, Math.min(room, LIMITS.eventsPerRead));
      const last = events.at(-1);
      if (last === undefined) return;
      const messages = events.flatMap((event) => this.#messageOf(event, channel));
      this.#outbox.advance(channel.name, last.position, messages);
      cursor = last.position;
      room -= messages.length;
    }
  }

  #messageOf(event: JournalEvent, channel: NotificationChannel): NewMessage[] {
    const { desk, muting } = this.#options;
    const topic = topicOf(event);
    if (topic === undefined || (isEnding(topic) && !channel.sendResolved)) return [];
    const id = event.aggregate.slice(event.aggregate.indexOf('/') + 1);
    const incident = desk.incident(id);
    if (incident === undefined) return [];
    const silences = muting?.silencing(incident) ?? [];
    if (silences.length > 0) {
      this.#metrics.notifications.inc({ channel: channel.name, outcome: 'silenced' });
      muting?.withheld(event, incident, silences);
      return [];
    }
    const { position, recordedAtMs } = event;
    return [{ position, lane: id, message: makeMessage(topic, event, incident), recordedAtMs }];
  }
}
