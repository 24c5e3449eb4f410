import { activeAlerts, type RunningRule } from '@plimsoll/rules';
import type { EvaluatedGroup } from './evaluated-group.ts';
import type { GroupStatus, RuleStatus } from './evaluation.ts';

/** A group as the API shows it. */
export function groupStatus(group: EvaluatedGroup): GroupStatus {
  const { runner } = group;
  return {
    name: runner.group.name,
    file: runner.group.file,
    intervalSeconds: group.intervalMs / 1000,
    limit: runner.group.limit,
    evaluationSeconds: runner.durationMs / 1000,
    lastEvaluationMs: runner.lastEvaluationMs,
    iterationsMissed: group.iterationsMissed,
    rules: runner.rules.map(ruleStatus),
  };
}

function ruleStatus(running: RunningRule): RuleStatus {
  const { rule, health, lastError, lastEvaluationMs } = running;
  const base = {
    name: rule.name,
    expression: rule.text,
    labels: rule.labels,
    health,
    lastError,
    lastEvaluationMs,
    evaluationSeconds: running.durationMs / 1000,
  };
  if (rule.kind === 'recording') return { kind: 'recording', ...base };
  const alerts = activeAlerts(running.alerts).map(
    ({ labels, annotations, state, activeAtMs, keepFiringSinceMs, value }) => ({
      labels: labels.toRecord(),
      annotations,
      state,
      activeAtMs,
      keepFiringSinceMs,
      value,
    }),
  );
  return {
    kind: 'alerting',
    ...base,
    forSeconds: rule.forMs / 1000,
    keepFiringForSeconds: rule.keepFiringForMs / 1000,
    annotations: rule.annotations,
    alerts,
  };
}
