import { METRIC_NAME, selectorsOf } from '@plimsoll/promql';
import { type AlertingRule, INSTANCE, isHostScoped } from '@plimsoll/rules';
import type { ConditionLedger } from '../condition-ledger.ts';
import type { EvaluatedGroup } from '../evaluated-group.ts';

/** An alerting rule that can be judged on one host's frame alone. */
export interface ArrivalRule {
  readonly rule: AlertingRule;
  readonly ledger: ConditionLedger;
  /** The metrics it reads; undefined where a selector names none. */
  readonly metricNames: readonly string[] | undefined;
  /**
   * Whether it may be compiled: its labels are plain text, so that an alert's are known before it exists, and no
   * selector picks hosts, so that hosts with the same devices can share what was compiled.
   */
  readonly compilable: boolean;
}

/** The rules of these groups that never mix hosts. Those of groups that look back by `query_offset` wait for ticks. */
export function arrivalRules(groups: readonly EvaluatedGroup[]): readonly ArrivalRule[] {
  return groups
    .filter(({ runner }) => runner.group.queryOffsetMs === 0)
    .flatMap((group) => group.runner.group.rules.flatMap((rule) => toArrivalRule(group, rule)));
}

function toArrivalRule(
  group: EvaluatedGroup,
  rule: EvaluatedGroup['runner']['group']['rules'][number],
): ArrivalRule[] {
  if (rule.kind !== 'alerting' || !isHostScoped(rule.expression)) return [];
  const ledger = group.ledger(rule);
  if (ledger === undefined) return [];
  const plainLabels = rule.labelTemplates.every(({ template }) => template.parsed === undefined);
  const picksHosts = selectorsOf(rule.expression).some(({ matchers }) =>
    matchers.some(({ name }) => name === INSTANCE),
  );
  return [{ rule, ledger, metricNames: metricNamesOf(rule), compilable: plainLabels && !picksHosts }];
}

function metricNamesOf({ expression }: AlertingRule): readonly string[] | undefined {
  const names = selectorsOf(expression).map(
    ({ matchers }) => matchers.find(({ name, type }) => name === METRIC_NAME && type === '=')?.value,
  );
  return names.every((name) => name !== undefined) ? names : undefined;
}
