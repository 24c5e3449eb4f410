import type { Labels } from '@plimsoll/promql';
import {
  activeAlerts,
  type AlertCandidate,
  type AlertingRule,
  type AlertStates,
  thresholdOf,
} from '@plimsoll/rules';
import type { BreachSignal, RuleRef, Signal } from '../desk/signal.ts';

/** What is known of a condition that holds, or held and whose end was not told yet. */
interface Condition {
  candidate: AlertCandidate;
  readonly onsetAtMs: number;
  readonly detectedAtMs: number;
  readonly uncertaintyMs: number;
  /** The newest time the condition was seen to hold. */
  lastTrueMs: number;
  /** The first tick that saw it end, and its newest input. */
  ended: { readonly tickMs: number; readonly inputMs: number } | null;
  /** The desk knows of it. */
  told: boolean;
}

/** One evaluation, as the ledger sees it. */
export interface Tick {
  readonly atMs: number;
  readonly states: AlertStates;
  /** The newest input sample for an alert's labels, null when there was none. */
  readonly newestInput: (labels: Labels) => number | null;
  /** Whether the lack of an alert says nothing of its condition, for want of data. */
  readonly lacksEvidence: (labels: Labels) => boolean;
}

/** A condition from before a restart. */
export interface StoredCondition {
  readonly labels: Labels;
  readonly onsetAtMs: number;
  readonly lastTrueMs: number;
  readonly firing: boolean;
}

/**
 * Turns evaluations of one rule into signals. Ticks decide as Prometheus would; arrivals may start a condition or tell
 * of one earlier than the next tick, but never end one.
 */
export class ConditionLedger {
  readonly #conditions = new Map<string, Condition>();
  readonly #rule: AlertingRule;
  readonly #ref: RuleRef;
  readonly #intervalMs: number;
  readonly #threshold: number | null;
  readonly #send: (signal: Signal) => void;
  #untold = 0;

  constructor(rule: AlertingRule, ref: RuleRef, intervalMs: number, send: (signal: Signal) => void) {
    this.#rule = rule;
    this.#ref = ref;
    this.#intervalMs = intervalMs;
    this.#threshold = thresholdOf(rule.expression);
    this.#send = send;
  }

  /** How many conditions the desk does not know of. */
  get untold(): number {
    return this.#untold;
  }

  /** Conditions a reload or a restart hands over; those known already stay as they are. */
  adopt(stored: readonly StoredCondition[]): void {
    for (const { labels, onsetAtMs, lastTrueMs, firing } of stored) {
      if (this.#conditions.has(labels.key)) continue;
      this.#put(labels.key, {
        candidate: { labels, annotations: {}, value: Number.NaN },
        onsetAtMs,
        detectedAtMs: onsetAtMs,
        uncertaintyMs: this.#intervalMs,
        lastTrueMs,
        ended: null,
        told: firing,
      });
    }
  }

  inherit(before: ConditionLedger): void {
    for (const [key, condition] of before.#conditions) this.#put(key, condition);
  }

  /** The rule was taken away: what the desk knows of it ends, as an alert does when its rule is deleted. */
  close(atMs: number): void {
    for (const [key, condition] of this.#conditions) {
      if (condition.told) this.#recover(condition, atMs, atMs);
      this.#drop(key, condition);
    }
  }

  #put(key: string, condition: Condition): void {
    this.#conditions.set(key, condition);
    if (!condition.told) this.#untold++;
  }

  #drop(key: string, condition: Condition): void {
    this.#conditions.delete(key);
    if (!condition.told) this.#untold--;
  }

  tick({ atMs, states, newestInput, lacksEvidence }: Tick): void {
    for (const alert of activeAlerts(states)) {
      const inputMs = newestInput(alert.labels) ?? atMs;
      const condition =
        this.#conditions.get(alert.labels.key) ?? this.#start(alert, inputMs, atMs, this.#intervalMs);
      condition.candidate = alert;
      const holds = alert.keepFiringSinceMs === null;
      if (holds) condition.lastTrueMs = Math.max(condition.lastTrueMs, atMs);
      condition.ended = holds ? null : (condition.ended ?? { tickMs: atMs, inputMs });
      if (alert.state === 'firing') this.#breach(condition, atMs);
    }
    for (const [key, condition] of this.#conditions) {
      const state = states.get(key)?.state ?? 'inactive';
      if (state === 'inactive' && condition.lastTrueMs <= atMs && !lacksEvidence(condition.candidate.labels))
        this.#endAt(key, condition, atMs, newestInput(condition.candidate.labels) ?? atMs);
    }
  }

  #endAt(key: string, condition: Condition, atMs: number, inputMs: number): void {
    if (!condition.told) {
      this.#drop(key, condition);
      return;
    }
    condition.ended ??= { tickMs: atMs, inputMs };
    if (atMs - condition.ended.tickMs < this.#rule.keepFiringForMs) return;
    this.#recover(condition, atMs, condition.ended.inputMs);
    this.#drop(key, condition);
  }

  /** Whether an arrival that holds still has to be told: alerts are only made for those. */
  noteArrival(labels: Labels, sampleMs: number): 'new' | 'known' {
    const condition = this.#conditions.get(labels.key);
    if (!condition) return 'new';
    condition.lastTrueMs = Math.max(condition.lastTrueMs, sampleMs);
    return 'known';
  }

  /** A frame in which the condition does not hold: one that was not told of begins anew. */
  noteHealthyArrival(labels: Labels): void {
    const condition = this.#conditions.get(labels.key);
    if (condition?.told === false) this.#drop(labels.key, condition);
  }

  /** The condition was first seen in a frame; without `for` the desk is told at once. */
  arrive(candidate: AlertCandidate, sampleMs: number, nowMs: number, uncertaintyMs: number): void {
    if (this.noteArrival(candidate.labels, sampleMs) === 'known') return;
    const condition = this.#start(candidate, sampleMs, nowMs, uncertaintyMs);
    condition.lastTrueMs = sampleMs;
    if (this.#rule.forMs === 0) this.#breach(condition, nowMs);
  }

  #start(
    candidate: AlertCandidate,
    onsetAtMs: number,
    detectedAtMs: number,
    uncertaintyMs: number,
  ): Condition {
    const condition: Condition = {
      candidate,
      onsetAtMs,
      detectedAtMs,
      uncertaintyMs: Math.min(uncertaintyMs, this.#intervalMs),
      lastTrueMs: detectedAtMs,
      ended: null,
      told: false,
    };
    this.#put(candidate.labels.key, condition);
    return condition;
  }

  #breach(condition: Condition, evaluatedAtMs: number): void {
    if (!condition.told) this.#untold--;
    condition.told = true;
    const { candidate, onsetAtMs, detectedAtMs, uncertaintyMs } = condition;
    const signal: BreachSignal = {
      kind: 'breach',
      rule: this.#ref,
      expression: this.#rule.text,
      labels: candidate.labels.toRecord(),
      annotations: candidate.annotations,
      value: candidate.value,
      threshold: this.#threshold,
      onsetAtMs,
      detectedAtMs,
      evaluatedAtMs,
      uncertaintyMs,
    };
    this.#send(signal);
  }

  #recover(condition: Condition, evaluatedAtMs: number, recoveredAtMs: number): void {
    this.#send({
      kind: 'recovery',
      rule: this.#ref,
      expression: this.#rule.text,
      labels: condition.candidate.labels.toRecord(),
      evaluatedAtMs,
      recoveredAtMs: Math.max(recoveredAtMs, condition.onsetAtMs),
      uncertaintyMs: this.#intervalMs,
    });
  }
}
