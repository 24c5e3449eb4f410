import { setTimeout as delay } from 'node:timers/promises';
import { limitRepeats } from '../log-limit.ts';
import type { Runtime } from '../runtime.ts';
import { DeliveryError } from './delivery-error.ts';
import type { DeliveryPolicy } from './limits.ts';
import type { NotifyMetrics, Outcome } from './notify-metrics.ts';
import type { Outbox, Queued } from './outbox.ts';
import { retryDelayMs } from './retry-delay.ts';
import type { Send } from './send.ts';

/** Due messages taken from the queue at once. */
const BATCH = 100;
const LOG_REPEAT_MS = 60_000;
/** Wait before the queue is tried again after the queue itself failed, as it does on a full disk. */
const QUEUE_RETRY_MS = 5_000;

export interface ChannelWorkerOptions {
  readonly runtime: Runtime;
  readonly name: string;
  readonly outbox: Outbox;
  readonly metrics: NotifyMetrics;
  readonly policy: DeliveryPolicy;
  readonly concurrency: number;
  readonly send: Send;
  /** Reads the journal on and queues what the channel wants. */
  readonly refill: () => void;
}

/** Empties one channel's queue: incidents beside each other, the messages of one incident in their order. */
export class ChannelWorker implements AsyncDisposable {
  readonly #options: ChannelWorkerOptions;
  readonly #abandon = new AbortController();
  readonly #busyLanes = new Set<string>();
  readonly #attempts = new Set<Promise<void>>();
  readonly #warn: ReturnType<typeof limitRepeats>;
  /** Read from the queue and not yet started: at most one message of each lane, no busy lanes. */
  #ready: Queued[] = [];
  #stopping = false;
  #scheduled: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ChannelWorkerOptions) {
    this.#options = options;
    this.#warn = limitRepeats(options.runtime, LOG_REPEAT_MS);
  }

  /** Looks for work soon; many calls in one turn of the event loop are one. */
  wake(): void {
    if (this.#stopping) return;
    this.#scheduled ??= setImmediate(() => {
      this.#scheduled = undefined;
      this.#work();
    });
  }

  /** Takes no more work and waits for the attempts under way; after the grace time they are abandoned, not forgotten. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping = true;
    clearImmediate(this.#scheduled);
    clearTimeout(this.#timer);
    const grace = setTimeout(() => this.#abandon.abort(), this.#options.policy.stopGraceMs);
    await Promise.race([Promise.all(this.#attempts), whenAborted(this.#abandon.signal)]);
    clearTimeout(grace);
    this.#abandon.abort();
  }

  #work(): void {
    const { runtime, name, outbox, metrics, concurrency, refill } = this.#options;
    if (this.#stopping) return;
    clearTimeout(this.#timer);
    try {
      refill();
      const nowMs = runtime.now();
      this.#startDue(nowMs);
      metrics.queued.set({ channel: name }, outbox.count(name));
      // When all hands are busy, the first free one wakes the worker.
      if (this.#busyLanes.size >= concurrency) return;
      const nextMs = outbox.nextDueMs(name, nowMs);
      if (nextMs !== undefined) this.#timer = setTimeout(() => this.wake(), nextMs - nowMs);
    } catch (error) {
      this.#queueFailed(error);
      this.#timer = setTimeout(() => this.wake(), QUEUE_RETRY_MS);
    }
  }

  #startDue(nowMs: number): void {
    const { outbox, name, concurrency } = this.#options;
    while (this.#busyLanes.size < concurrency) {
      if (this.#ready.length === 0) {
        const due = outbox.due(name, nowMs, BATCH + concurrency);
        this.#ready = due.filter(({ lane }) => !this.#busyLanes.has(lane));
      }
      const next = this.#ready.shift();
      if (next === undefined) return;
      this.#busyLanes.add(next.lane);
      const attempt = this.#attempt(next).finally(() => {
        this.#busyLanes.delete(next.lane);
        this.#attempts.delete(attempt);
        this.wake();
      });
      this.#attempts.add(attempt);
    }
  }

  async #attempt(item: Queued): Promise<void> {
    const { policy, send } = this.#options;
    const abandon = this.#abandon.signal;
    const failure = await send(
      item.message,
      AbortSignal.any([abandon, AbortSignal.timeout(policy.attemptTimeoutMs)]),
    ).then(
      () => undefined,
      (error: unknown) => DeliveryError.from(error),
    );
    // The lane stays busy until the result is written: forgetting a success would send the message again and again.
    while (!abandon.aborted && !this.#settle(item, failure))
      await delay(QUEUE_RETRY_MS, undefined, { signal: abandon }).catch(() => undefined);
  }

  /** Writes an attempt's result to the queue; false when that was not possible. */
  #settle(item: Queued, failure: DeliveryError | undefined): boolean {
    const { runtime, name, outbox, metrics, policy } = this.#options;
    const nowMs = runtime.now();
    const outcome = this.#outcome(item, failure, nowMs);
    try {
      if (outcome === 'retried') {
        const delayMs = retryDelayMs(item.attempts + 1, policy, Math.random());
        outbox.postpone(name, item.position, nowMs + Math.max(delayMs, failure?.retryAfterMs ?? 0));
      } else outbox.remove(name, item.position);
    } catch (error) {
      this.#queueFailed(error);
      return false;
    }
    metrics.notifications.inc({ channel: name, outcome });
    if (outcome === 'sent')
      metrics.latency.observe({ channel: name }, Math.max(0, nowMs - item.recordedAtMs) / 1000);
    this.#log(item, outcome, failure);
    return true;
  }

  #outcome(item: Queued, failure: DeliveryError | undefined, nowMs: number): Outcome {
    if (failure === undefined) return 'sent';
    if (!failure.retryable) return 'rejected';
    return nowMs - item.recordedAtMs >= this.#options.policy.giveUpAfterMs ? 'expired' : 'retried';
  }

  #log({ message, attempts }: Queued, outcome: Outcome, failure: DeliveryError | undefined): void {
    const { runtime, name } = this.#options;
    const fields = {
      channel: name,
      topic: message.topic,
      incident: message.incident.number,
      attempt: attempts + 1,
      reason: failure?.message,
    };
    if (outcome === 'sent') runtime.log.debug(fields, 'Notification sent.');
    else if (outcome === 'retried')
      this.#warn(name, fields, 'A notification failed and will be tried again.');
    else runtime.log.error(fields, 'A notification was given up.');
  }

  #queueFailed(error: unknown): void {
    const { runtime, name } = this.#options;
    runtime.log.error(
      { channel: name, err: error },
      'The notification queue could not be used; trying again.',
    );
  }
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
