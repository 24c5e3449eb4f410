/** Names a rule inside its file. */
export interface RuleRef {
  readonly file: string;
  readonly group: string;
  readonly name: string;
}

/**
 * What evaluation tells the desk. Breach is sent when an alert starts firing and again at each evaluation in which it
 * still fires (the desk is idempotent); recovery once when its condition ended. Times are milliseconds since the Unix
 * epoch. Onset and recovery are those of the raw condition: the newest input sample at the first true, respectively
 * first false, evaluation, never moved by `for` or `keep_firing_for`.
 */
export type Signal = BreachSignal | RecoverySignal;

interface SignalBase {
  readonly rule: RuleRef;
  readonly expression: string;
  /** The alert's labels, with those the rule adds (severity, category, outage). */
  readonly labels: Readonly<Record<string, string>>;
  /** The evaluation that saw it. */
  readonly evaluatedAtMs: number;
  /** How far the true onset or recovery may lie before the stated one: at most one interval. */
  readonly uncertaintyMs: number;
}

export interface BreachSignal extends SignalBase {
  readonly kind: 'breach';
  /** Expanded templates: summary, description, runbook_url, ... */
  readonly annotations: Readonly<Record<string, string>>;
  readonly value: number;
  /** The constant the expression compares with, when there is exactly one; else null. */
  readonly threshold: number | null;
  readonly onsetAtMs: number;
  /** The first evaluation at which the condition held. */
  readonly detectedAtMs: number;
}

export interface RecoverySignal extends SignalBase {
  readonly kind: 'recovery';
  readonly recoveredAtMs: number;
}
