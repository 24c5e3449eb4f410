import type { RuleGroup } from '@plimsoll/rules';
import type { Signal } from '../desk/signal.ts';
import { ArrivalEvaluation } from './arrival/arrival-evaluation.ts';
import { EvaluatedGroup, type GroupServices } from './evaluated-group.ts';
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
    this.#schedule(options.ruleGroups, [], stored);
  }

  async reload(groups: readonly RuleGroup[]): Promise<void> {
    const before = this.#scheduled;
    await Promise.all(before.map(async ({ scheduler }) => scheduler[Symbol.asyncDispose]()));
    this.#schedule(
      groups,
      before.map(({ group }) => group),
      new Map(),
    );
    const kept = new Set(this.#scheduled.map(({ group }) => group.identity));
    const nowMs = this.#services.options.runtime.now();
    for (const { group } of before) if (!kept.has(group.identity)) group.end(nowMs);
  }

  #schedule(
    groups: readonly RuleGroup[],
    before: readonly EvaluatedGroup[],
    stored: ReadonlyMap<string, readonly StoredAlert[]>,
  ): void {
    const { runtime } = this.#services.options;
    const { metrics } = this.#services;
    metrics.rules.reset();
    this.#scheduled = groups.map((ruleGroup) => {
      const group = new EvaluatedGroup(ruleGroup, this.#services);
      const same = before.find(({ identity }) => identity === group.identity);
      if (same) group.inherit(same, runtime.now());
      else group.adopt(stored);
      const labels = { rule_group: group.identity };
      metrics.rules.set(labels, ruleGroup.rules.length);
      metrics.missed.inc(labels, 0);
      metrics.failures.inc(labels, 0);
      return { group, scheduler: this.#schedulerOf(group) };
    });
    this.#arrivals.use(this.#scheduled.map(({ group }) => group));
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
    this.#hostSeries[Symbol.dispose]();
    await this.#arrivals[Symbol.asyncDispose]();
    await Promise.all(this.#scheduled.map(async ({ scheduler }) => scheduler[Symbol.asyncDispose]()));
  }
}
