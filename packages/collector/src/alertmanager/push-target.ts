import type { AlertmanagerTarget } from '../config/config.ts';
import { postableAlert } from './alert-json.ts';
import { LIVE_RESENDS, MAX_PUSH_BATCH, PUSH_RETRY_MS, RESEND_DELAY_MS } from './limits.ts';
import type { OwnAlert } from './own-alerts.ts';

interface Sent {
  readonly atMs: number;
  readonly resolved: boolean;
}

export interface PushTargetOptions {
  readonly target: AlertmanagerTarget;
  readonly now: () => number;
  readonly onSent: (count: number) => void;
  readonly onFailure: (reason: string) => void;
}

/** One Alertmanager: what it was told when, and what it has to be told again. */
export class PushTarget {
  readonly #options: PushTargetOptions;
  readonly #sent = new Map<string, Sent>();
  readonly #stop = new AbortController();
  #underWay: Promise<void> | null = null;
  #notBeforeMs = -Infinity;

  constructor(options: PushTargetOptions) {
    this.#options = options;
  }

  /** Sends what is due, unless a request is under way still; called each second. */
  push(alerts: readonly OwnAlert[]): void {
    const nowMs = this.#options.now();
    const kept = new Set(alerts.map(({ key }) => key));
    for (const key of this.#sent.keys()) if (!kept.has(key)) this.#sent.delete(key);
    if (this.#underWay !== null || nowMs < this.#notBeforeMs) return;
    const due = alerts.filter((alert) => this.#isDue(alert, nowMs));
    if (due.length === 0) return;
    this.#underWay = this.#send(due).finally(() => {
      this.#underWay = null;
    });
  }

  /** Lets the request under way end, or cuts it after the target's time limit. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#underWay;
  }

  #isDue({ key, resolvedAtMs }: OwnAlert, nowMs: number): boolean {
    const sent = this.#sent.get(key);
    // An end is no news to who was never told of the beginning.
    if (sent === undefined) return resolvedAtMs === null;
    return sent.resolved !== (resolvedAtMs !== null) || nowMs - sent.atMs >= RESEND_DELAY_MS;
  }

  async #send(due: readonly OwnAlert[]): Promise<void> {
    const { onSent, onFailure } = this.#options;
    try {
      for (let at = 0; at < due.length; at += MAX_PUSH_BATCH) {
        const batch = due.slice(at, at + MAX_PUSH_BATCH);
        const nowMs = this.#options.now();
        await this.#post(batch, nowMs);
        for (const { key, resolvedAtMs } of batch) {
          this.#sent.set(key, { atMs: nowMs, resolved: resolvedAtMs !== null });
        }
        onSent(batch.length);
      }
    } catch (error) {
      this.#notBeforeMs = this.#options.now() + PUSH_RETRY_MS;
      if (!this.#stop.signal.aborted) onFailure(error instanceof Error ? error.message : String(error));
    }
  }

  async #post(batch: readonly OwnAlert[], nowMs: number): Promise<void> {
    const { url, timeoutMs } = this.#options.target;
    const endsAtMs = nowMs + LIVE_RESENDS * RESEND_DELAY_MS;
    const alerts = batch.map(({ alert, resolvedAtMs }) =>
      postableAlert(resolvedAtMs === null ? { ...alert, endsAtMs } : alert),
    );
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/json', 'user-agent': 'Plimsoll' },
      body: JSON.stringify(alerts),
      signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(timeoutMs)]),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`answered ${response.status}`);
  }
}
