import type { Calendar } from '../../catalogue/catalogue.ts';
import type { Category, Level, Priority, Severity } from '../json/common.ts';
import type { HoldReason, IncidentStateName, Resource } from '../json/incident.ts';
import type { RuleRef } from '../signal.ts';
import type { Clock } from '../sla/clock.ts';

/** What the catalogue said of one impacted service when the incident opened, and the clocks that run for it. */
export interface ImpactedService {
  readonly name: string;
  readonly displayName: string;
  readonly owner: string;
  readonly tier: 1 | 2 | 3 | 4;
  readonly agreed: boolean;
  /** Null without an SLA. Targets in milliseconds of working time. */
  readonly sla: {
    readonly calendarNames: Readonly<Record<Priority, string>>;
    /** Those that targets need, each once. */
    readonly calendars: readonly Calendar[];
    readonly response: Readonly<Partial<Record<Priority, number>>>;
    readonly resolution: Readonly<Partial<Record<Priority, number>>>;
    readonly pausedBy: readonly HoldReason[];
  } | null;
  readonly rtoMs: number | null;
  readonly rpoMs: number | null;
  /**
   * The time to which the newest backup can restore, as known at onset: null when never backed up, 'unknown' when it
   * was not asked or could not be told.
   */
  readonly restorableToMs: number | null | 'unknown';
  readonly response: Clock | null;
  readonly resolution: Clock | null;
}

/** One firing variant of the incident's rule: the same rule may fire as warning and as critical. */
export interface Condition {
  readonly severity: Severity;
  /** The alert's, with those the rule adds: its recovery will carry the same. */
  readonly labels: Readonly<Record<string, string>>;
  readonly onsetAtMs: number;
  readonly evaluatedAtMs: number;
}

export interface Interval {
  readonly fromMs: number;
  readonly toMs: number | null;
}

/** Everything decisions about one incident rest on. Times are milliseconds since the Unix epoch. */
export interface IncidentState {
  readonly id: string;
  readonly number: number;
  /** Version of the aggregate: its number of events. */
  readonly version: number;
  readonly state: IncidentStateName;
  readonly title: string;
  readonly description: string | null;
  readonly category: Category;
  readonly severity: Severity;
  readonly impact: Level;
  readonly urgency: Level;
  readonly priority: Priority;
  /** Name of the impacted service that is due first. */
  readonly service: string;
  readonly services: readonly ImpactedService[];
  readonly resources: readonly Resource[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly signature: string;
  readonly occurrence: number;
  readonly previous: string | null;
  /** What still holds, by condition key; empty when recovered or opened by hand. */
  readonly conditions: Readonly<Record<string, Condition>>;
  readonly onsetAtMs: number;
  readonly uncertaintyMs: number;
  readonly detectedAtMs: number;
  readonly openedAtMs: number;
  readonly acknowledgedAtMs: number | null;
  readonly resolvedAtMs: number | null;
  readonly recoveredAtMs: number | null;
  /** The evaluation that saw the last recovery: older breaches are late news. */
  readonly recoveryEvaluatedAtMs: number | null;
  readonly closedAtMs: number | null;
  readonly assignee: string | null;
  readonly hold: { readonly reason: HoldReason; readonly sinceMs: number; readonly note: string } | null;
  readonly major: boolean;
  readonly outage: boolean;
  readonly unreachable: boolean;
  /** The raw condition's intervals; the last is open while it holds. */
  readonly impaired: readonly Interval[];
  /** Set by a person's end of an incident that still fires: until then breaches do not reopen it. */
  readonly suppressedUntilMs: number | null;
  readonly rule: RuleRef | null;
  readonly expression: string | null;
  readonly value: number | null;
  readonly threshold: number | null;
  readonly runbooks: readonly { readonly name: string; readonly url: string | null }[];
  readonly problem: string | null;
}

/** The calendar a service's clocks run by; undefined where it promised nothing for the priority. */
export function calendarOf({ sla }: Pick<ImpactedService, 'sla'>, priority: Priority): Calendar | undefined {
  return sla?.calendars.find(({ name }) => name === sla.calendarNames[priority]);
}

export const OPEN_STATES: ReadonlySet<IncidentStateName> = new Set([
  'new',
  'acknowledged',
  'in_progress',
  'on_hold',
]);

export function isOpen(incident: IncidentState): boolean {
  return OPEN_STATES.has(incident.state);
}

export function isFiring(incident: IncidentState): boolean {
  return Object.keys(incident.conditions).length > 0;
}
