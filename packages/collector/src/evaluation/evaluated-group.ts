import type { Labels } from '@plimsoll/promql';
import {
  type AlertingRule,
  INSTANCE,
  type RuleGroup,
  RuleGroupRunner,
  type RunningRule,
} from '@plimsoll/rules';
import type { Signal } from '../desk/signal.ts';
import { ConditionLedger } from './condition-ledger.ts';
import type { EvaluationOptions } from './evaluation.ts';
import type { EvaluationMetrics } from './evaluation-metrics.ts';
import { belongsTo, restoreStates, type StoredAlert } from './restore-conditions.ts';
import type { SampleWriter } from './sample-writer.ts';
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
  #stored: ReadonlyMap<string, readonly StoredAlert[]> = new Map();
  iterationsMissed = 0;

  constructor(group: RuleGroup, services: GroupServices) {
    this.#services = services;
    this.intervalMs = group.intervalMs ?? services.options.evaluationIntervalMs;
    const { options, writer, send } = services;
    this.runner = new RuleGroupRunner(group, {
      query: (rule) => {
        const tracking = new TrackingQueryable(options.store);
        this.#inputs.set(rule, tracking);
        return async (expression, timeMs) => options.engine(expression, timeMs, tracking);
      },
      append: (_rule, samples, stale) => writer.write(samples, stale),
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
    return `${this.runner.group.file};${this.runner.group.name}`;
  }

  ledger(rule: AlertingRule): ConditionLedger | undefined {
    return this.#ledgers.get(rule);
  }

  /** Takes over what the group of the same name knew; conditions of rules that are gone end. */
  inherit(before: EvaluatedGroup, nowMs: number): void {
    this.runner.inherit(before.runner);
    this.iterationsMissed = before.iterationsMissed;
    this.#stored = before.#stored;
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

  #storedOf(rule: AlertingRule): readonly StoredAlert[] {
    return (this.#stored.get(rule.name) ?? []).filter(({ labels }) => belongsTo(rule, labels));
  }

  /** Evaluates every rule at `atMs`, writes what they yield and tells the desk. */
  async tick(atMs: number): Promise<void> {
    const { metrics, options } = this.#services;
    const group = { rule_group: this.identity };
    await this.runner.evaluate(atMs, (running) => this.#afterRule(running, atMs));
    for (const running of this.runner.unrestored) {
      const { rule } = running;
      if (rule.kind !== 'alerting') continue;
      const states = restoreStates(rule, running.alerts, this.#storedOf(rule), options.runtime.now());
      this.runner.restore(running, states);
    }
    metrics.groupDuration.set(group, this.runner.durationMs / 1000);
    metrics.lastEvaluation.set(group, atMs / 1000);
    this.#inputs.clear();
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
      isSilent: (labels) => this.#isSilent(labels),
    });
  }

  #isSilent(labels: Labels): boolean {
    const instance = labels.get(INSTANCE);
    return instance !== '' && this.#services.options.hosts.host(instance)?.state === 'silent';
  }

  /** The group was taken away: its series end and so do its alerts. */
  async end(nowMs: number): Promise<void> {
    await this.runner.end(nowMs);
    for (const ledger of this.#ledgers.values()) ledger.close(nowMs);
  }
}

function sameLabels(a: AlertingRule, b: AlertingRule): boolean {
  const names = Object.keys(a.labels);
  return (
    names.length === Object.keys(b.labels).length && names.every((name) => a.labels[name] === b.labels[name])
  );
}
