import type { Level, Priority, Severity } from '../json/common.ts';
import type { HoldReason, IncidentStateName } from '../json/incident.ts';
import type { Clock } from '../sla/clock.ts';
import type { Condition, ImpactedService, IncidentState, Interval } from './state.ts';

export type ClockKind = 'response' | 'resolution';

/**
 * A clock as it stands after the event. Events carry the outcome, not the sum: a rebuild under newer time-zone data
 * then tells the same due times as were told to people.
 */
export interface ClockChange {
  readonly service: string;
  readonly kind: ClockKind;
  readonly clock: Clock;
}

/** What an opening fixes or starts from. */
export interface OpenedPayload extends Omit<
  IncidentState,
  | 'version'
  | 'state'
  | 'acknowledgedAtMs'
  | 'resolvedAtMs'
  | 'recoveredAtMs'
  | 'recoveryEvaluatedAtMs'
  | 'closedAtMs'
  | 'assignee'
  | 'hold'
  | 'unreachable'
  | 'suppressedUntilMs'
  | 'problem'
  | 'services'
> {
  readonly services: readonly ImpactedService[];
}

/** Payloads by event type. */
export interface IncidentPayloads {
  'incident.opened': OpenedPayload;
  'incident.acknowledged': {
    readonly note: string | null;
    readonly assignee: string | null;
    readonly clocks: readonly ClockChange[];
  };
  'incident.assigned': { readonly assignee: string; readonly state: IncidentStateName };
  'incident.noted': { readonly text: string };
  'incident.held': {
    readonly reason: HoldReason;
    readonly note: string;
    readonly clocks: readonly ClockChange[];
  };
  'incident.resumed': { readonly clocks: readonly ClockChange[] };
  'incident.condition_began': { readonly key: string; readonly condition: Condition };
  'incident.condition_ended': { readonly key: string; readonly evaluatedAtMs: number };
  /** The last condition ended: the resource is well again, whatever people think of the incident. */
  'incident.recovered': { readonly evaluatedAtMs: number; readonly uncertaintyMs: number };
  'incident.resolved': {
    readonly how: 'recovery' | 'manual';
    readonly note: string | null;
    readonly suppressedUntilMs: number | null;
    readonly clocks: readonly ClockChange[];
  };
  'incident.reopened': {
    readonly how: 'breach' | 'manual';
    readonly note: string | null;
    readonly state: IncidentStateName;
    readonly condition: { readonly key: string; readonly condition: Condition } | null;
    readonly onsetAtMs: number | null;
    readonly value: number | null;
    readonly clocks: readonly ClockChange[];
  };
  'incident.closed': { readonly note: string | null };
  'incident.canceled': {
    readonly note: string;
    readonly suppressedUntilMs: number | null;
    readonly clocks: readonly ClockChange[];
  };
  'incident.reprioritised': {
    readonly impact: Level;
    readonly urgency: Level;
    readonly priority: Priority;
    readonly severity: Severity;
    readonly major: boolean;
    readonly service: string;
    readonly note: string;
    readonly clocks: readonly ClockChange[];
  };
  'incident.sla_warned': {
    readonly service: string;
    readonly clock: ClockKind;
    readonly percent: number;
    readonly clocks: readonly ClockChange[];
  };
  'incident.sla_breached': {
    readonly service: string;
    readonly clock: ClockKind;
    readonly clocks: readonly ClockChange[];
  };
  'incident.problem_linked': { readonly problem: string; readonly number: number };
  /** Part or all of its downtime turned out to be unknown: the host ran. */
  'incident.reclassified': {
    readonly fromMs: number;
    readonly toMs: number;
    readonly impaired: readonly Interval[];
    readonly unreachable: boolean;
  };
}

export type IncidentEventType = keyof IncidentPayloads;

export type IncidentEvent = {
  [T in IncidentEventType]: {
    readonly type: T;
    readonly schemaVersion: 1;
    readonly occurredAtMs: number;
    readonly payload: IncidentPayloads[T];
  };
}[IncidentEventType];

/** An event of this build's shape. */
export function incidentEvent<T extends IncidentEventType>(
  type: T,
  occurredAtMs: number,
  payload: IncidentPayloads[T],
): Extract<IncidentEvent, { type: T }> {
  return { type, schemaVersion: 1, occurredAtMs, payload } as unknown as Extract<IncidentEvent, { type: T }>;
}
