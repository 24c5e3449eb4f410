import type { Expression, Queryable } from '@plimsoll/promql';
import type { ResultSample, RuleGroup } from '@plimsoll/rules';
import type { FiringCondition } from '../desk/desk.ts';
import type { Signal } from '../desk/signal.ts';
import type { HostRegistry } from '../hosts/host-registry.ts';
import type { Runtime } from '../runtime.ts';
import type { TelemetryStore } from '../telemetry/store.ts';

/** Evaluates an expression at an instant; a scalar is one sample without labels. Rejects with the query's error. */
export type RuleEngine = (
  expression: Expression | string,
  timeMs: number,
  queryable: Queryable,
) => Promise<readonly ResultSample[]>;

export interface EvaluationOptions {
  readonly runtime: Runtime;
  readonly store: TelemetryStore;
  readonly engine: RuleEngine;
  readonly hosts: HostRegistry;
  readonly ruleGroups: readonly RuleGroup[];
  /** The interval of groups that name none, milliseconds. */
  readonly evaluationIntervalMs: number;
  readonly onSignal: (signal: Signal) => void;
  /** What the desk still takes for firing: its recovery is told when it no longer holds, or has no rule any more. */
  readonly firing: readonly FiringCondition[];
  readonly externalLabels: Readonly<Record<string, string>>;
  readonly externalUrl: string;
}

/** Rule evaluation as it runs. Disposing lets the evaluations under way end. */
export interface Evaluation extends AsyncDisposable {
  /** Takes other groups; those that stay keep their alerts. The first tick of changed groups comes at their next slot. */
  reload(groups: readonly RuleGroup[]): Promise<void>;
  groups(): readonly GroupStatus[];
  /** The sum over all groups, for our own status. */
  summary(): EvaluationSummary;
}

export interface EvaluationSummary {
  readonly groups: number;
  readonly rules: number;
  readonly firing: number;
  /** How long the slowest group's last evaluation took; null before the first. */
  readonly lastEvaluationSeconds: number | null;
  readonly lastError: string | null;
}

/** Durations are seconds, times milliseconds since the Unix epoch. */
export interface GroupStatus {
  readonly name: string;
  readonly file: string;
  readonly intervalSeconds: number;
  readonly limit: number;
  readonly evaluationSeconds: number;
  readonly lastEvaluationMs: number | null;
  readonly iterationsMissed: number;
  readonly rules: readonly RuleStatus[];
}

interface RuleStatusBase {
  readonly name: string;
  readonly expression: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly health: 'ok' | 'err' | 'unknown';
  readonly lastError: string | null;
  readonly evaluationSeconds: number;
  readonly lastEvaluationMs: number | null;
}

export type RuleStatus =
  | (RuleStatusBase & { readonly kind: 'recording' })
  | (RuleStatusBase & {
      readonly kind: 'alerting';
      readonly forSeconds: number;
      readonly keepFiringForSeconds: number;
      readonly annotations: Readonly<Record<string, string>>;
      readonly alerts: readonly AlertStatus[];
    });

export interface AlertStatus {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: 'pending' | 'firing';
  readonly activeAtMs: number;
  readonly keepFiringSinceMs: number | null;
  readonly value: number;
}
