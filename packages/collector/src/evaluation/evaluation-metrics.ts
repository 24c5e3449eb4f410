import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** What evaluation counts. */
export interface EvaluationMetrics {
  readonly evaluations: Counter<'rule_group'>;
  readonly failures: Counter<'rule_group'>;
  readonly iterations: Counter<'rule_group'>;
  readonly missed: Counter<'rule_group'>;
  readonly duration: Histogram;
  readonly groupDuration: Gauge<'rule_group'>;
  readonly lastEvaluation: Gauge<'rule_group'>;
  readonly rules: Gauge<'rule_group'>;
  readonly samplesRefused: Counter<'reason'>;
  readonly arrivals: Counter<'outcome'>;
  readonly signals: Counter<'kind'>;
}

/** Bounds of the duration of one rule's evaluation, seconds: a cheap rule takes under a millisecond. */
const DURATION_BUCKETS_S = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5];

export function registerEvaluationMetrics(registry: Registry): EvaluationMetrics {
  const registers = [registry];
  const byGroup = { labelNames: ['rule_group'] as const, registers };
  return {
    evaluations: new Counter({
      name: 'plimsoll_rule_evaluations_total',
      help: 'Rules evaluated at ticks.',
      ...byGroup,
    }),
    failures: new Counter({
      name: 'plimsoll_rule_evaluation_failures_total',
      help: 'Rule evaluations at ticks that failed.',
      ...byGroup,
    }),
    iterations: new Counter({
      name: 'plimsoll_rule_group_iterations_total',
      help: 'Ticks of a rule group, missed ones included.',
      ...byGroup,
    }),
    missed: new Counter({
      name: 'plimsoll_rule_group_iterations_missed_total',
      help: 'Ticks of a rule group that were left out because the one before took too long.',
      ...byGroup,
    }),
    duration: new Histogram({
      name: 'plimsoll_rule_evaluation_duration_seconds',
      help: 'How long one rule took at a tick.',
      buckets: DURATION_BUCKETS_S,
      registers,
    }),
    groupDuration: new Gauge({
      name: 'plimsoll_rule_group_last_duration_seconds',
      help: 'How long the last tick of a rule group took.',
      ...byGroup,
    }),
    lastEvaluation: new Gauge({
      name: 'plimsoll_rule_group_last_evaluation_timestamp_seconds',
      help: 'When a rule group was last evaluated.',
      ...byGroup,
    }),
    rules: new Gauge({ name: 'plimsoll_rule_group_rules', help: 'Rules of a group.', ...byGroup }),
    samplesRefused: new Counter({
      name: 'plimsoll_rule_samples_refused_total',
      help: 'Samples of rules that the store did not take, by reason.',
      labelNames: ['reason'],
      registers,
    }),
    arrivals: new Counter({
      name: 'plimsoll_rule_arrival_evaluations_total',
      help: 'Frames judged on arrival, by outcome: done, coalesced with a newer one, skipped under load, failed; and their queries left to the next tick. Frames that are not told because a newer one of their host became durable with them are not counted.',
      labelNames: ['outcome'],
      registers,
    }),
    signals: new Counter({
      name: 'plimsoll_rule_signals_total',
      help: 'Signals sent to the desk, by kind.',
      labelNames: ['kind'],
      registers,
    }),
  };
}
