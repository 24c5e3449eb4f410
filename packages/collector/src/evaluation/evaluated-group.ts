import { setImmediate as nextTurn } from 'node:timers/promises';
import { Labels } from '@plimsoll/promql';
import {
  type AlertingRule,
  alertLabelsOf,
  INSTANCE,
  type RuleGroup,
  RuleGroupRunner,
  type RunningRule,
} from '@plimsoll/rules';
import type { FiringCondition } from '../desk/desk.ts';
import type { Signal } from '../desk/signal.ts';
import { ConditionLedger } from './condition-ledger.ts';
import type { EvaluationOptions } from './evaluation.ts';
import type { EvaluationMetrics } from './evaluation-metrics.ts';
import { belongsTo, restoreStates, type StoredAlert } from './restore-conditions.ts';
import { RESTORE_WINDOW_MS } from './limits.ts';
import type { SampleWriter } from './sample-writer.ts';
import { TickCache } from './tick-cache.ts';
import { TrackingQueryable } from './tracking-queryable.ts';

/** What every group needs. */
export interface GroupServices {
  readonly options: EvaluationOptions;
  readonly metrics: EvaluationMetrics;
  readonly writer: SampleWriter;
  readonly send: (signal: Signal) => void;
}

/** A rule group in a running collector: its runner, and a ledger of conditions for each alerting rule. */
export class EvaluatedGroup {
  readonly runner: RuleGroupRunner;
  readonly intervalMs: number;
  readonly #services: GroupServices;
  readonly #ledgers = new Map<AlertingRule, ConditionLedger>();
  readonly #inputs = new Map<RunningRule, TrackingQueryable>();
  #cache: TickCache;
  #stored: ReadonlyMap<string, readonly StoredAlert[]> = new Map();
  readonly #startedMs: number;
  #ticks = 0;
  iterationsMissed = 0;

  constructor(group: RuleGroup, services: GroupServices) {
    this.#services = services;
    this.#cache = new TickCache(services.options.store);
    this.#startedMs = services.options.runtime.now();
    this.intervalMs = group.intervalMs ?? services.options.evaluationIntervalMs;
    const { options, writer, send } = services;
    this.runner = new RuleGroupRunner(group, {
      query: (rule) => {
        const tracking = new TrackingQueryable(this.#cache);
        this.#inputs.set(rule, tracking);
        return async (expression, timeMs) => {
          // Rules over a large estate take long together: frames and requests get their turn between two of them.
          await nextTurn();
          return options.engine(expression, timeMs, tracking);
        };
      },
      append: (samples, stale) => {
        this.#cache.wrote(samples);
        this.#cache.wrote(stale);
        return writer.write(samples, stale);
      },
      now: () => performance.now(),
      externalLabels: options.externalLabels,
      externalUrl: options.externalUrl,
    });
    for (const rule of group.rules) {
      if (rule.kind !== 'alerting') continue;
      const ref = { file: group.file, group: group.name, name: rule.name };
      this.#ledgers.set(rule, new ConditionLedger(rule, ref, this.intervalMs, send));
    }
  }

  get identity(): string {
    return identityOf(this.runner.group.file, this.runner.group.name);
  }

  ledger(rule: AlertingRule): ConditionLedger | undefined {
    return this.#ledgers.get(rule);
  }

  /** Takes over what the group of the same name knew; conditions of rules that are gone end. */
  inherit(before: EvaluatedGroup, nowMs: number): void {
    this.runner.inherit(before.runner);
    this.iterationsMissed = before.iterationsMissed;
    this.#stored = before.#stored;
    this.#ticks = before.#ticks;
    const rest = new Map(before.#ledgers);
    for (const [rule, ledger] of this.#ledgers) {
      const same = [...rest].find(([other]) => other.name === rule.name && sameLabels(other, rule));
      if (!same) continue;
      ledger.inherit(same[1]);
      rest.delete(same[0]);
    }
    for (const ledger of rest.values()) ledger.close(nowMs);
  }

  /** Starts with the alerts of the last run. */
  adopt(stored: ReadonlyMap<string, readonly StoredAlert[]>): void {
    this.#stored = stored;
    for (const [rule, ledger] of this.#ledgers) ledger.adopt(this.#storedOf(rule));
  }

  /** Takes over a condition the desk was told of; false when it is of none of the rules. */
  adoptFiring({ rule: { name }, labels, onsetAtMs }: FiringCondition): boolean {
    const alert = Labels.of(labels);
    const found = [...this.#ledgers].find(([rule]) => rule.name === name && belongsTo(rule, alert));
    found?.[1].adopt([{ labels: alert, onsetAtMs, lastTrueMs: 0, firing: true }]);
    return found !== undefined;
  }

  #storedOf(rule: AlertingRule): readonly StoredAlert[] {
    const stored = (this.#stored.get(rule.name) ?? []).filter(({ labels }) => belongsTo(rule, labels));
    return stored.map((alert) => Object.assign({}, alert, { labels: alertLabelsOf(rule, alert.labels) }));
  }

  /** Evaluates every rule at `atMs`, writes what they yield and tells the desk. */
  async tick(atMs: number): Promise<void> {
    const { metrics } = this.#services;
    const group = { rule_group: this.identity };
    this.#cache = new TickCache(this.#services.options.store);
    await this.runner.evaluate(atMs, (running) => this.#afterRule(running, atMs));
    this.#restore(atMs);
    metrics.groupDuration.set(group, this.runner.durationMs / 1000);
    metrics.lastEvaluation.set(group, atMs / 1000);
    this.#inputs.clear();
    this.#cache = new TickCache(this.#services.options.store);
  }

  /** From the second tick on ALERTS is written: the first may come before the agents are back, as in Prometheus. */
  #restore(atMs: number): void {
    const isFirst = this.#ticks++ === 0;
    if (this.#stored.size === 0 && this.runner.unrestored.length === 0) return;
    if (atMs - this.#startedMs > RESTORE_WINDOW_MS) this.#stored = new Map();
    for (const running of isFirst ? [] : this.runner.rules) {
      const { rule } = running;
      if (rule.kind === 'alerting')
        this.runner.restore(running, restoreStates(rule, running.alerts, this.#storedOf(rule), atMs));
    }
  }

  #afterRule(running: RunningRule, atMs: number): void {
    const { metrics, options } = this.#services;
    const { rule } = running;
    const group = { rule_group: this.identity };
    metrics.evaluations.inc(group);
    metrics.duration.observe(running.durationMs / 1000);
    if (running.health === 'err') {
      metrics.failures.inc(group);
      options.runtime.log.warn(
        { group: this.identity, rule: rule.name, error: running.lastError },
        'a rule failed',
      );
      return;
    }
    if (rule.kind !== 'alerting') return;
    const input = this.#inputs.get(running);
    this.#ledgers.get(rule)?.tick({
      atMs,
      states: running.alerts,
      newestInput: (labels) => input?.newest(labels.get(INSTANCE)) ?? null,
      lacksEvidence: (labels) => this.#lacksEvidence(labels, input, atMs),
    });
  }

  /**
   * Whether the end of a condition means nothing: its host is silent or was not heard since the start; without a host,
   * no sample has come since a recent start.
   */
  #lacksEvidence(labels: Labels, input: TrackingQueryable | undefined, atMs: number): boolean {
    const host = this.#services.options.hosts.host(labels.get(INSTANCE));
    if (host) return host.state === 'silent' || !host.heard;
    return atMs - this.#startedMs < RESTORE_WINDOW_MS && (input?.newest('') ?? 0) < this.#startedMs;
  }

  /** The group was taken away: its series end and so do its alerts. */
  end(nowMs: number): void {
    this.runner.end(nowMs);
    for (const ledger of this.#ledgers.values()) ledger.close(nowMs);
  }
}

/** How a group is told from all others, in metrics too. */
export function identityOf(file: string, group: string): string {
  return `${file};${group}`;
}

function sameLabels(a: AlertingRule, b: AlertingRule): boolean {
  const names = Object.keys(a.labels);
  return (
    names.length === Object.keys(b.labels).length && names.every((name) => a.labels[name] === b.labels[name])
  );
}
