import { z } from 'zod';
import {
  categorySchema,
  levelSchema,
  prioritySchema,
  severitySchema,
  timelineItemSchema,
  timestampSchema,
} from './common.ts';

export const incidentStateSchema = z.enum([
  'new',
  'acknowledged',
  'in_progress',
  'on_hold',
  'resolved',
  'closed',
  'canceled',
]);
export type IncidentStateName = z.infer<typeof incidentStateSchema>;

export const holdReasonSchema = z.enum(['caller', 'change', 'problem', 'vendor']);
export type HoldReason = z.infer<typeof holdReasonSchema>;

const clockStateSchema = z.enum(['running', 'paused', 'met', 'breached', 'canceled']);
export type ClockState = z.infer<typeof clockStateSchema>;

/** One SLA clock. All null when the service has no target for the priority. */
const clockJsonSchema = z.object({
  /** Seconds of the calendar's working time. */
  target: z.number().nullable(),
  /** Null while the clock is paused: the due time is then not known. */
  dueAt: timestampSchema.nullable(),
  /** Seconds of working time left, negative by as much as it is overdue; kept as it was when the clock stopped. */
  remaining: z.number().nullable(),
  state: clockStateSchema.nullable(),
});
export type ClockJson = z.infer<typeof clockJsonSchema>;

const slaJsonSchema = z.object({ response: clockJsonSchema, resolution: clockJsonSchema });

/** Recovery objectives as they stand for this incident, durations in seconds of wall-clock time. */
const continuityJsonSchema = z.object({
  rto: z.number().nullable(),
  rpo: z.number().nullable(),
  rtoDueAt: timestampSchema.nullable(),
  achievedRecovery: z.number().nullable(),
  rtoMet: z.boolean().nullable(),
  backupAgeAtOnset: z.number().nullable(),
  rpoMet: z.boolean().nullable(),
});
export type ContinuityJson = z.infer<typeof continuityJsonSchema>;

const resourceSchema = z.object({
  kind: z.string(),
  name: z.string(),
  labels: z.record(z.string(), z.string()),
});
export type Resource = z.infer<typeof resourceSchema>;

const incidentServiceSchema = z.object({
  name: z.string(),
  displayName: z.string(),
  owner: z.string(),
  tier: z.number().int(),
  /** False for an example service: its clocks run but no report counts them. */
  agreed: z.boolean(),
  calendar: z.string().nullable(),
  sla: slaJsonSchema,
  continuity: continuityJsonSchema,
});

const runbookSchema = z.object({ name: z.string(), url: z.string().nullable() });

const knownErrorSchema = z.object({
  problem: z.string(),
  number: z.number().int(),
  title: z.string(),
  rootCause: z.string().nullable(),
  workaround: z.string().nullable(),
});

const suspectChangeSchema = z.object({ change: z.string(), reason: z.string(), score: z.number() });

/** Days until the resource is full, by likelihood (null: not within a year), and the chance that it is within seven. */
const incidentForecastSchema = z.object({
  q10Days: z.number().nullable(),
  q50Days: z.number().nullable(),
  q90Days: z.number().nullable(),
  p7: z.number().nullable(),
});

export type IncidentForecast = z.infer<typeof incidentForecastSchema>;

export const incidentJsonSchema = z.object({
  id: z.string(),
  number: z.number().int(),
  state: incidentStateSchema,
  title: z.string(),
  description: z.string().nullable(),
  category: categorySchema,
  severity: severitySchema,
  impact: levelSchema,
  urgency: levelSchema,
  priority: prioritySchema,
  /** Name of the service whose clocks the top level shows. */
  service: z.string(),
  services: z.array(incidentServiceSchema),
  owner: z.string(),
  tier: z.number().int(),
  agreed: z.boolean(),
  calendar: z.string().nullable(),
  resources: z.array(resourceSchema),
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()),
  signature: z.string(),
  occurrence: z.number().int(),
  /** Id of the occurrence before this one. */
  previous: z.string().nullable(),
  /** Whether the condition still holds, as far as evaluation has told. */
  firing: z.boolean(),
  onsetAt: timestampSchema,
  /** Seconds by which the true onset may lie before the stated one. */
  onsetUncertainty: z.number(),
  detectedAt: timestampSchema,
  openedAt: timestampSchema,
  acknowledgedAt: timestampSchema.nullable(),
  resolvedAt: timestampSchema.nullable(),
  recoveredAt: timestampSchema.nullable(),
  closedAt: timestampSchema.nullable(),
  assignee: z.string().nullable(),
  hold: z.object({ reason: holdReasonSchema, since: timestampSchema, note: z.string() }).nullable(),
  major: z.boolean(),
  outage: z.boolean(),
  /** The host ran although it could not be reached: its downtime is unknown, not down. */
  unreachable: z.boolean(),
  rule: z.object({ file: z.string(), group: z.string(), name: z.string() }).nullable(),
  expression: z.string().nullable(),
  /** Null for an incident opened by hand and for values JSON cannot hold. */
  value: z.number().nullable(),
  threshold: z.number().nullable(),
  sla: slaJsonSchema,
  continuity: continuityJsonSchema,
  problem: z.string().nullable(),
  knownErrors: z.array(knownErrorSchema),
  runbooks: z.array(runbookSchema),
  suspectChanges: z.array(suspectChangeSchema),
  forecast: incidentForecastSchema.nullable(),
  timeline: z.array(timelineItemSchema),
});
export type IncidentJson = z.infer<typeof incidentJsonSchema>;
