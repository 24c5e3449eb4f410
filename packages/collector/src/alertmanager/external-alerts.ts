import type { FiringCondition } from '../desk/desk.ts';
import { conditionKeyOf, signatureOf } from '../desk/signature.ts';
import type { RuleRef, Signal } from '../desk/signal.ts';
import { fingerprint } from '../notify/fingerprint.ts';
import { type Alert, EXTERNAL_FILE, externalExpression, externalRule } from './alert.ts';
import { MAX_EXTERNAL_ALERTS, RESEND_DELAY_MS, RESOLVE_TIMEOUT_MS } from './limits.ts';

interface Entry {
  readonly alert: Alert;
  readonly rule: RuleRef;
  readonly expression: string;
  /** Alerts that differ in nothing the desk tells conditions apart by share one. */
  readonly condition: string;
  readonly detectedAtMs: number;
}

/** What became of posted alerts. */
export interface PostOutcome {
  readonly firing: number;
  readonly resolved: number;
  /** Refused because too many fire already. */
  readonly dropped: number;
}

/**
 * The alerts other servers have firing here, by their labels. Each post tells the desk of a breach; an end that is
 * posted, or that passes without another post, tells it of the recovery.
 */
export class ExternalAlerts {
  readonly #entries = new Map<string, Entry>();
  readonly #conditions = new Map<string, number>();
  readonly #send: (signal: Signal) => Promise<void>;

  /** `firing` is what the desk still waits for: whoever posted it gets the usual time to post it again. */
  constructor(send: (signal: Signal) => Promise<void>, firing: readonly FiringCondition[] = [], nowMs = 0) {
    this.#send = send;
    for (const { rule, expression, labels, onsetAtMs } of firing) {
      if (rule.file !== EXTERNAL_FILE) continue;
      const endsAtMs = nowMs + RESOLVE_TIMEOUT_MS;
      const alert = {
        labels,
        annotations: {},
        startsAtMs: onsetAtMs,
        endsAtMs,
        updatedAtMs: nowMs,
        generatorUrl: '',
      };
      this.#put(fingerprint(labels), {
        alert,
        rule,
        expression,
        condition: conditionOf(rule, labels),
        detectedAtMs: nowMs,
      });
    }
  }

  alerts(): readonly Alert[] {
    return Array.from(this.#entries.values(), ({ alert }) => alert);
  }

  /** Resolves when the desk has made what is new durable. */
  async post(alerts: readonly Alert[], nowMs: number): Promise<PostOutcome> {
    const told: Promise<void>[] = [];
    const outcome = { firing: 0, resolved: 0, dropped: 0 };
    for (const alert of alerts) {
      const key = fingerprint(alert.labels);
      const known = this.#entries.get(key);
      if (alert.endsAtMs <= nowMs) {
        outcome.resolved++;
        if (known !== undefined) told.push(this.#end(key, known, alert.endsAtMs, nowMs));
      } else if (known === undefined && this.#entries.size >= MAX_EXTERNAL_ALERTS) {
        outcome.dropped++;
      } else {
        outcome.firing++;
        told.push(this.#breach(key, known, alert, nowMs));
      }
    }
    await Promise.all(told);
    return outcome;
  }

  /** Ends what was not posted again; called each second. */
  async tick(nowMs: number): Promise<void> {
    const over = [...this.#entries].filter(([, { alert }]) => alert.endsAtMs <= nowMs);
    await Promise.all(over.map(async ([key, entry]) => this.#end(key, entry, entry.alert.endsAtMs, nowMs)));
  }

  async #breach(key: string, known: Entry | undefined, posted: Alert, nowMs: number): Promise<void> {
    // Two servers of a pair post the same alert from different addresses: it stays the rule it began as.
    const rule = known?.rule ?? externalRule(posted);
    const alert = { ...posted, startsAtMs: Math.min(posted.startsAtMs, known?.alert.startsAtMs ?? Infinity) };
    const detectedAtMs = known?.detectedAtMs ?? nowMs;
    const condition = known?.condition ?? conditionOf(rule, alert.labels);
    const expression = known?.expression ?? externalExpression(alert);
    this.#put(key, { alert, rule, expression, condition, detectedAtMs });
    await this.#send({
      kind: 'breach',
      rule,
      expression,
      labels: alert.labels,
      annotations: alert.annotations,
      value: Number.NaN,
      threshold: null,
      onsetAtMs: alert.startsAtMs,
      detectedAtMs,
      evaluatedAtMs: nowMs,
      uncertaintyMs: RESEND_DELAY_MS,
    });
  }

  async #end(key: string, entry: Entry, endedAtMs: number, nowMs: number): Promise<void> {
    const { alert, rule, expression, condition } = entry;
    this.#entries.delete(key);
    const others = (this.#conditions.get(condition) ?? 1) - 1;
    if (others > 0) {
      this.#conditions.set(condition, others);
      return;
    }
    this.#conditions.delete(condition);
    await this.#send({
      kind: 'recovery',
      rule,
      expression,
      labels: alert.labels,
      evaluatedAtMs: nowMs,
      recoveredAtMs: Math.max(alert.startsAtMs, Math.min(endedAtMs, nowMs)),
      uncertaintyMs: RESEND_DELAY_MS,
    });
  }

  #put(key: string, entry: Entry): void {
    if (!this.#entries.has(key)) {
      this.#conditions.set(entry.condition, (this.#conditions.get(entry.condition) ?? 0) + 1);
    }
    this.#entries.set(key, entry);
  }
}

function conditionOf(rule: RuleRef, labels: Readonly<Record<string, string>>): string {
  return `${signatureOf(rule, labels)} ${conditionKeyOf({ labels })}`;
}
