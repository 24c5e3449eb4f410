import type { Matcher } from '@plimsoll/promql';
import type { Level, Priority } from '../desk/json/common.ts';
import type { HoldReason } from '../desk/json/incident.ts';

export const PRIORITIES = ['P1', 'P2', 'P3', 'P4', 'P5'] as const satisfies readonly Priority[];

/** Times of day are minutes after local midnight, 0..1440; `[from, to)`, ascending and apart. */
export interface DayHours {
  readonly fromMinute: number;
  readonly toMinute: number;
}

/** When work is done. Plain data, so that an incident can keep the calendar it was opened under. */
export interface Calendar {
  readonly name: string;
  /** IANA name. */
  readonly zone: string;
  /** Monday first; an empty list is a day off. At least one day has hours. */
  readonly week: readonly (readonly DayHours[])[];
  /** Local dates without work, YYYY-MM-DD, sorted. */
  readonly holidays: readonly string[];
}

/** A duration in which days are kept apart: a day of a target is a working day of its calendar. */
export interface WorkDuration {
  readonly days: number;
  readonly ms: number;
}

export type Targets = Readonly<Partial<Record<Priority, WorkDuration>>>;

export interface ServiceLevelAgreement {
  /** Calendar name for each priority. */
  readonly calendars: Readonly<Record<Priority, string>>;
  readonly defaultCalendar: string;
  readonly response: Targets;
  readonly resolution: Targets;
  /** Hold reasons that pause the resolution clock. */
  readonly pausedBy: readonly HoldReason[];
}

export interface Continuity {
  readonly rtoMs: number | null;
  readonly rpoMs: number | null;
  readonly backup: {
    /** PromQL: the time the newest good backup finished, in seconds since the Unix epoch. */
    readonly lastSuccess: string;
    readonly everyMs: number | null;
    /** How long a backup takes: what it holds is as old as its start. */
    readonly durationMs: number | null;
  } | null;
  readonly recoveryPlan: string | null;
  readonly drillEveryMs: number | null;
}

export interface Service {
  readonly name: string;
  readonly displayName: string;
  readonly owner: string;
  readonly tier: 1 | 2 | 3 | 4;
  /** False for the built-in example: its clocks run, reports leave it out. */
  readonly agreed: boolean;
  /** Any of them may match; the built-in service has none and owns what is left. */
  readonly selectors: readonly ResourceSelector[];
  readonly dependsOn: readonly string[];
  readonly slo: { readonly availability: number; readonly windowMs: number } | null;
  readonly sla: ServiceLevelAgreement | null;
  readonly continuity: Continuity | null;
  readonly capacity: {
    readonly leadTimeMs: number | null;
    /** Share of the capacity to keep free, 0..1. */
    readonly headroom: number | null;
    readonly costPerMonth: Readonly<Record<string, number>>;
    readonly currency: string | null;
  } | null;
  readonly escalation: string | null;
  readonly runbooks: readonly string[];
}

export interface ResourceSelector {
  /** As it was written. */
  readonly text: string;
  readonly matchers: readonly Matcher[];
}

/** `rows[impact - 1][urgency - 1]`; total, and never less urgent for more impact or urgency. */
export interface PriorityMatrix {
  readonly name: string;
  readonly rows: readonly (readonly Priority[])[];
}

export interface EscalationPolicy {
  readonly name: string;
  readonly steps: readonly { readonly afterMs: number; readonly channels: readonly string[] }[];
}

export interface Catalogue {
  /** The service that owns what no other matches comes last. */
  readonly services: readonly Service[];
  readonly calendars: ReadonlyMap<string, Calendar>;
  readonly matrix: PriorityMatrix;
  readonly escalationPolicies: ReadonlyMap<string, EscalationPolicy>;
}

/** Priority by lookup, the only way one is made. */
export function priorityOf(matrix: PriorityMatrix, impact: Level, urgency: Level): Priority {
  const priority = matrix.rows[impact - 1]?.[urgency - 1];
  if (priority === undefined) throw new Error(`matrix ${matrix.name} has no cell ${impact} x ${urgency}`);
  return priority;
}
