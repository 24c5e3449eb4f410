/** Shapes of the HTTP API. Times are RFC 3339 UTC, durations seconds, shares 0..1; unknown is null. */

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

export type Labels = Readonly<Record<string, string>>;

export type IncidentState =
  | 'new'
  | 'acknowledged'
  | 'in_progress'
  | 'on_hold'
  | 'resolved'
  | 'closed'
  | 'canceled';
export type Priority = 'P1' | 'P2' | 'P3' | 'P4' | 'P5';
export type ClockState = 'running' | 'paused' | 'met' | 'breached' | 'canceled';
type HoldReason = 'caller' | 'change' | 'problem' | 'vendor';

export interface SlaClock {
  /** Agreed working time in seconds. */
  readonly target: number | null;
  /** Null while the clock is paused. */
  readonly dueAt: string | null;
  /** Seconds of working time left when the answer was made; negative once it is breached. */
  readonly remaining: number | null;
  /** Null when the service has no target for the priority. */
  readonly state: ClockState | null;
}

interface Sla {
  readonly response: SlaClock;
  readonly resolution: SlaClock;
}

export interface Continuity {
  readonly rto: number | null;
  readonly rpo: number | null;
  readonly rtoDueAt: string | null;
  readonly achievedRecovery: number | null;
  readonly rtoMet: boolean | null;
  readonly backupAgeAtOnset: number | null;
  readonly rpoMet: boolean | null;
}

export interface Resource {
  readonly kind: string;
  readonly name: string;
  readonly labels: Labels;
}

export interface TimelineItem {
  readonly at: string;
  readonly type: string;
  readonly actor: { readonly kind: string; readonly id: string };
  readonly text: string;
}

interface IncidentService {
  readonly name: string;
  readonly displayName: string;
  readonly owner: string;
  readonly tier: number;
  /** False for an example service, whose targets nobody has agreed. */
  readonly agreed: boolean;
  readonly calendar: string | null;
  readonly sla: Sla;
  readonly continuity: Continuity;
}

/** Days until the resource is full, by likelihood; null where that is beyond a year. */
interface IncidentForecast {
  readonly q10Days: number | null;
  readonly q50Days: number | null;
  readonly q90Days: number | null;
  /** Probability that it is full within seven days. */
  readonly p7: number | null;
}

interface KnownError {
  readonly problem: string;
  readonly number: number;
  readonly title: string;
  readonly rootCause: string | null;
  readonly workaround: string | null;
}

export interface Incident {
  readonly id: string;
  readonly number: number;
  readonly state: IncidentState;
  readonly title: string;
  readonly description: string | null;
  readonly category: string;
  readonly severity: string;
  readonly impact: number;
  readonly urgency: number;
  readonly priority: Priority;
  readonly service: string;
  readonly services: readonly IncidentService[];
  readonly owner: string;
  readonly agreed: boolean;
  readonly calendar: string | null;
  readonly resources: readonly Resource[];
  /** Those of the alert. */
  readonly labels: Labels;
  readonly signature: string;
  readonly occurrence: number;
  /** Whether the condition still holds, as far as evaluation has told. */
  readonly firing: boolean;
  readonly onsetAt: string;
  readonly detectedAt: string | null;
  readonly openedAt: string;
  readonly acknowledgedAt: string | null;
  readonly resolvedAt: string | null;
  readonly recoveredAt: string | null;
  readonly closedAt: string | null;
  readonly assignee: string | null;
  readonly hold: { readonly reason: HoldReason; readonly since: string; readonly note: string } | null;
  readonly major: boolean;
  readonly outage: boolean;
  /** The host ran although it could not be reached. */
  readonly unreachable: boolean;
  readonly rule: { readonly file: string; readonly group: string; readonly name: string } | null;
  readonly expression: string | null;
  readonly value: number | null;
  readonly threshold: number | null;
  readonly sla: Sla;
  readonly continuity: Continuity;
  readonly problem: string | null;
  readonly knownErrors: readonly KnownError[];
  readonly runbooks: readonly { readonly name: string; readonly url: string | null }[];
  /** Null while nothing is foreseen, and once the incident is over. */
  readonly forecast: IncidentForecast | null;
  readonly timeline: readonly TimelineItem[];
}

export type ProblemState =
  | 'new'
  | 'assess'
  | 'root_cause_analysis'
  | 'fix_in_progress'
  | 'resolved'
  | 'closed';

export interface Problem {
  readonly id: string;
  readonly number: number;
  readonly state: ProblemState;
  readonly title: string;
  readonly service: string | null;
  readonly signature: string;
  readonly openedAt: string;
  readonly reason: 'recurrence' | 'major' | 'trend';
  readonly incidents: readonly {
    readonly id: string;
    readonly number: number;
    readonly openedAt: string;
    readonly resolvedAt: string | null;
  }[];
  readonly rootCause: string | null;
  readonly workaround: string | null;
  readonly knownError: boolean;
  readonly timeline: readonly TimelineItem[];
}

export interface Service {
  readonly name: string;
  readonly displayName: string;
  readonly owner: string | null;
  readonly tier: number;
  /** False for the service of a first start: its targets are an example nobody promised. */
  readonly agreed: boolean;
  readonly state: 'up' | 'down' | 'degraded' | 'unknown';
  readonly resources: readonly string[];
  readonly dependsOn: readonly string[];
  readonly openIncidents: number;
}

export interface Host {
  readonly id: string;
  readonly instance: string;
  readonly state: 'up' | 'silent' | 'refused';
  readonly refusedReason: string | null;
  readonly firstSeenAt: string | null;
  readonly lastSeenAt: string | null;
  readonly connected: boolean;
  /** Whether a frame came since the collector started; until then its state is only remembered. */
  readonly heard?: boolean;
  readonly agentVersion: string | null;
  /** Agent's clock minus the collector's, seconds. */
  readonly clockOffset: number | null;
  readonly collectInterval: number | null;
  readonly labels: Labels;
  readonly facts: Readonly<Record<string, unknown>> | null;
  readonly cpuUtilisation: number | null;
  readonly memoryUtilisation: number | null;
  readonly fullestFilesystem: { readonly mountpoint: string; readonly utilisation: number } | null;
  readonly openIncidents: number;
  readonly services: readonly string[];
}

export type Outlook = 'filling' | 'not_filling' | 'unpredictable' | 'not_enough_history';

export interface FilesystemCapacity {
  readonly instance: string;
  readonly device: string;
  readonly mountpoint: string;
  readonly fstype: string;
  readonly sizeBytes: number | null;
  readonly usedBytes: number | null;
  readonly utilisation: number | null;
  readonly historyDays: number | null;
  readonly outlook: Outlook;
  readonly explanation: string | null;
  readonly q10Days: number | null;
  readonly q50Days: number | null;
  readonly q90Days: number | null;
  readonly fullAt: {
    readonly earliest: string | null;
    readonly likely: string | null;
    readonly latest: string | null;
  } | null;
  /** Probability that it is full within seven days. */
  readonly p7: number | null;
  /** Mean absolute error one day ahead, as a share of the capacity. */
  readonly modelError: number | null;
}

export interface FilesystemForecast {
  readonly history: { readonly timestamps: readonly number[]; readonly values: readonly (number | null)[] };
  readonly forecast: {
    readonly timestamps: readonly number[];
    readonly mean: readonly number[];
    readonly lo80: readonly number[];
    readonly hi80: readonly number[];
    readonly lo95: readonly number[];
    readonly hi95: readonly number[];
  } | null;
  readonly capacity: number;
}

export interface Status {
  readonly version: string;
  readonly startedAt: string;
  readonly incarnation: string | number;
  readonly ready: boolean;
  readonly ingest: {
    readonly samplesPerSecond: number | null;
    readonly framesTotal: number;
    readonly droppedTotal: number;
    readonly lagSeconds: number | null;
    readonly streams: number;
  };
  readonly store: {
    readonly activeSeries: number;
    readonly diskBytes: number;
    readonly logBytes: number | null;
    readonly oldestAt: string | null;
    readonly newestAt: string | null;
    readonly readOnlyReason: string | null;
    /** What keeps the long-term engine from taking telemetry. */
    readonly longTerm: { readonly fault: string; readonly message: string; readonly since: string } | null;
    readonly damagedCount: number;
    readonly damagedFiles: readonly {
      readonly file: string;
      readonly message: string;
      readonly foundAt: string | null;
    }[];
  };
  readonly rules: {
    readonly groups: number;
    readonly rules: number;
    readonly firing: number;
    readonly lastEvaluationSeconds: number | null;
    readonly lastError: string | null;
  };
  readonly configuration: {
    readonly lastReloadSuccessful: boolean;
    readonly lastReloadAt: string | null;
    readonly error: string | null;
  };
  readonly journal: { readonly events: number; readonly headHash: string | null };
}
