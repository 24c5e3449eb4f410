/** What the API shows of rule evaluation. Durations are seconds, times milliseconds since the Unix epoch. */
export interface RulesView {
  groups(): readonly RuleGroupView[];
}

export interface RuleGroupView {
  readonly name: string;
  readonly file: string;
  readonly intervalSeconds: number;
  readonly limit: number;
  readonly evaluationSeconds: number;
  readonly lastEvaluationMs: number | null;
  readonly rules: readonly RuleView[];
}

interface RuleViewBase {
  readonly name: string;
  readonly expression: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly health: 'ok' | 'err' | 'unknown';
  readonly lastError: string | null;
  readonly evaluationSeconds: number;
  readonly lastEvaluationMs: number | null;
}

export interface RecordingRuleView extends RuleViewBase {
  readonly kind: 'recording';
}

export interface AlertingRuleView extends RuleViewBase {
  readonly kind: 'alerting';
  readonly forSeconds: number;
  readonly keepFiringForSeconds: number;
  readonly annotations: Readonly<Record<string, string>>;
  readonly alerts: readonly AlertView[];
}

export type RuleView = RecordingRuleView | AlertingRuleView;

export interface AlertView {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: 'pending' | 'firing';
  readonly activeAtMs: number;
  readonly value: number;
}
