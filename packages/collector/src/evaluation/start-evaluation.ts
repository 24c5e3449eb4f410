import type { RuleGroup } from '@plimsoll/rules';
import type { Signal } from '../desk/signal.ts';
import { ArrivalEvaluation } from './arrival/arrival-evaluation.ts';
import { EvaluatedGroup, type GroupServices, identityOf } from './evaluated-group.ts';
import type { Evaluation, EvaluationOptions, EvaluationSummary, GroupStatus } from './evaluation.ts';
import { registerEvaluationMetrics } from './evaluation-metrics.ts';
import { GroupScheduler } from './group-scheduler.ts';
import { groupStatus } from './group-status.ts';
import { HostSeries } from './host-series.ts';
import { readStoredAlerts, type StoredAlert } from './restore-conditions.ts';
import { SampleWriter } from './sample-writer.ts';

/** Starts evaluating rules: at ticks for good, and on arrival of frames for speed. Alerts of the last run are restored. */
export async function startEvaluation(options: EvaluationOptions): Promise<Evaluation> {
  const stored = await readStoredAlerts(options.store, options.runtime.now());
  return new RunningEvaluation(options, stored);
}

interface ScheduledGroup {
  readonly group: EvaluatedGroup;
  readonly scheduler: GroupScheduler;
}

class RunningEvaluation implements Evaluation {
  readonly #services: GroupServices;
  readonly #hostSeries: HostSeries;
  readonly #arrivals: ArrivalEvaluation;
  #scheduled: readonly ScheduledGroup[] = [];
  /** The reload under way; the next waits for it. */
  #reloading: Promise<void> = Promise.resolve();

  constructor(options: EvaluationOptions, stored: ReadonlyMap<string, readonly StoredAlert[]>) {
    const metrics = registerEvaluationMetrics(options.runtime.metrics);
    const writer = new SampleWriter(options.store, metrics, options.runtime);
    const send = (signal: Signal): void => {
      metrics.signals.inc({ kind: signal.kind });
      options.onSignal(signal);
    };
    this.#services = { options, metrics, writer, send };
    this.#hostSeries = new HostSeries(options.runtime, options.hosts, writer);
    this.#arrivals = new ArrivalEvaluation(this.#services);
    const groups = this.#make(options.ruleGroups);
    this.#adoptFiring(groups);
    for (const group of groups) group.adopt(stored);
    this.#run(groups);
  }

  #make(ruleGroups: readonly RuleGroup[]): readonly EvaluatedGroup[] {
    return ruleGroups.map((ruleGroup) => new EvaluatedGroup(ruleGroup, this.#services));
  }

  /** Gives conditions the desk was told of to their rules, and ends those that have none any more. */
  #adoptFiring(groups: readonly EvaluatedGroup[]): void {
    const { options, send } = this.#services;
    const nowMs = options.runtime.now();
    for (const condition of options.firing) {
      const { rule, expression, labels } = condition;
      const owner = groups.find(({ identity }) => identity === identityOf(rule.file, rule.group));
      if (owner?.adoptFiring(condition)) continue;
      const times = {
        evaluatedAtMs: nowMs,
        recoveredAtMs: nowMs,
        uncertaintyMs: options.evaluationIntervalMs,
      };
      send({ kind: 'recovery', rule, expression, labels, ...times });
    }
  }

  async reload(ruleGroups: readonly RuleGroup[]): Promise<void> {
    const reload = this.#reloading.then(async () => this.#replace(ruleGroups));
    this.#reloading = reload.catch(() => undefined);
    return reload;
  }

  async #replace(ruleGroups: readonly RuleGroup[]): Promise<void> {
    await this.#stopTicks();
    const before = this.#scheduled.map(({ group }) => group);
    const groups = this.#make(ruleGroups);
    const nowMs = this.#services.options.runtime.now();
    for (const group of groups) {
      const same = before.find(({ identity }) => identity === group.identity);
      if (same) group.inherit(same, nowMs);
    }
    const kept = new Set(groups.map(({ identity }) => identity));
    for (const group of before) if (!kept.has(group.identity)) group.end(nowMs);
    this.#run(groups);
  }

  #run(groups: readonly EvaluatedGroup[]): void {
    const { metrics } = this.#services;
    metrics.rules.reset();
    for (const group of groups) {
      const labels = { rule_group: group.identity };
      metrics.rules.set(labels, group.runner.rules.length);
      metrics.missed.inc(labels, 0);
      metrics.failures.inc(labels, 0);
    }
    this.#scheduled = groups.map((group) => ({ group, scheduler: this.#schedulerOf(group) }));
    this.#arrivals.use(groups);
  }

  async #stopTicks(): Promise<void> {
    await Promise.all(this.#scheduled.map(async ({ scheduler }) => scheduler[Symbol.asyncDispose]()));
  }

  #schedulerOf(group: EvaluatedGroup): GroupScheduler {
    const { options, metrics } = this.#services;
    const { runtime } = options;
    const labels = { rule_group: group.identity };
    return new GroupScheduler(runtime, {
      identity: group.identity,
      intervalMs: group.intervalMs,
      tick: async (atMs) => {
        metrics.iterations.inc(labels);
        try {
          await group.tick(atMs);
        } catch (error) {
          metrics.failures.inc(labels);
          runtime.log.error({ err: error, group: group.identity }, 'a rule group could not be evaluated');
        }
      },
      onMissed: (count) => {
        group.iterationsMissed += count;
        metrics.missed.inc(labels, count);
        metrics.iterations.inc(labels, count);
      },
    });
  }

  groups(): readonly GroupStatus[] {
    return this.#scheduled.map(({ group }) => groupStatus(group));
  }

  summary(): EvaluationSummary {
    const groups = this.groups();
    const rules = groups.flatMap((group) => group.rules);
    const alerts = rules.flatMap((rule) => (rule.kind === 'alerting' ? rule.alerts : []));
    const evaluated = groups.filter(({ lastEvaluationMs }) => lastEvaluationMs !== null);
    return {
      groups: groups.length,
      rules: rules.length,
      firing: alerts.filter(({ state }) => state === 'firing').length,
      lastEvaluationSeconds:
        evaluated.length === 0
          ? null
          : Math.max(...evaluated.map(({ evaluationSeconds }) => evaluationSeconds)),
      lastError: rules.find(({ lastError }) => lastError !== null)?.lastError ?? null,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reloading;
    this.#hostSeries[Symbol.dispose]();
    await this.#arrivals[Symbol.asyncDispose]();
    await this.#stopTicks();
  }
}
