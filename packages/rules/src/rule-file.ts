import type { Expression } from '@plimsoll/promql';
import type { AlertTemplate } from './template/expand-template.ts';

/** A group of rules, evaluated one after the other at one interval. Durations are milliseconds. */
export interface RuleGroup {
  /** The file it was read from, as the caller named it. */
  readonly file: string;
  readonly name: string;
  /** Absent: the server's evaluation interval. */
  readonly intervalMs: number | undefined;
  /** How far in the past rules are evaluated. */
  readonly queryOffsetMs: number;
  /** Most alerts or series one rule may yield; 0 = no limit. */
  readonly limit: number;
  readonly rules: readonly Rule[];
}

export type Rule = RecordingRule | AlertingRule;

interface RuleBase {
  readonly name: string;
  /** The expression as it was written. */
  readonly text: string;
  readonly expression: Expression;
  /** The rule's labels over those of its group. */
  readonly labels: Readonly<Record<string, string>>;
  readonly line: number;
}

export interface RecordingRule extends RuleBase {
  readonly kind: 'recording';
}

export interface AlertingRule extends RuleBase {
  readonly kind: 'alerting';
  readonly forMs: number;
  readonly keepFiringForMs: number;
  readonly annotations: Readonly<Record<string, string>>;
  readonly labelTemplates: readonly NamedTemplate[];
  readonly annotationTemplates: readonly NamedTemplate[];
}

export interface NamedTemplate {
  readonly name: string;
  readonly template: AlertTemplate;
}

/** Something wrong in a rule or test file: where, what, and for an unknown key the nearest one there is. */
export interface FileProblem {
  readonly file: string;
  /** From one; 0 where the place is the whole file. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** `file:line:column: message`, as compilers write it. */
export function formatProblem({ file, line, column, message }: FileProblem): string {
  return line === 0 ? `${file}: ${message}` : `${file}:${line}:${column}: ${message}`;
}
