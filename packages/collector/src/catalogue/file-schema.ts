import { z } from 'zod';
import { holdReasonSchema } from '../desk/json/incident.ts';
import { prioritySchema } from '../desk/json/common.ts';
import { LIMITS } from './limits.ts';

/** The version every document of a catalogue file states. */
export const API_VERSION = 'plimsoll/v1';

const name = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$/i,
    'must be a name of at most 63 letters, digits, ".", "_" or "-"',
  );

/** Where a name refers to something named elsewhere. */
const reference = z.string().min(1);

const duration = z
  .string('must be a duration such as 15m, 4h or 2d')
  .regex(/^(?=\d)(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?$/, 'must be a duration such as 15m, 4h or 2d');

const percentage = z
  .string('must be a percentage such as 20%')
  .regex(/^(100|\d{1,2}(\.\d+)?)%$/, 'must be a percentage such as 20%');

const metadata = z.strictObject({ name, displayName: z.string().min(1).optional() });

const targets = z.partialRecord(prioritySchema, duration);

const sla = z.strictObject({
  /** One calendar for all, or by priority with a default. d is a working day of it, h and m are working time. */
  calendar: z
    .union([
      reference,
      z.strictObject({
        P1: reference.optional(),
        P2: reference.optional(),
        P3: reference.optional(),
        P4: reference.optional(),
        P5: reference.optional(),
        default: reference.optional(),
      }),
    ])
    .optional(),
  response: targets.optional(),
  resolution: targets.optional(),
  pausedBy: z.array(holdReasonSchema).optional(),
});

const continuity = z.strictObject({
  rto: duration.optional(),
  rpo: duration.optional(),
  backup: z
    .strictObject({
      lastSuccess: z.string().min(1),
      every: duration.optional(),
      duration: duration.optional(),
    })
    .optional(),
  recoveryPlan: z.string().min(1).optional(),
  drillEvery: duration.optional(),
});

const capacity = z.strictObject({
  leadTime: duration.optional(),
  headroom: percentage.optional(),
  costPerMonth: z.record(z.string(), z.number().nonnegative()).optional(),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'must be a currency code such as EUR')
    .optional(),
});

const header = { apiVersion: z.literal(API_VERSION) };

export const serviceFileSchema = z.strictObject({
  ...header,
  kind: z.literal('Service'),
  metadata,
  spec: z.strictObject({
    owner: z.string().min(1),
    /** 1 mission critical .. 4 non-essential; drives the impact. */
    tier: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)], 'must be 1, 2, 3 or 4'),
    /** False for an example: its clocks run, reports leave it out. */
    agreed: z.boolean().optional(),
    /** Selectors of labels; a resource that any of them matches belongs to the service. */
    resources: z.array(z.string().min(1)).optional(),
    dependsOn: z.array(reference).optional(),
    slo: z.strictObject({ availability: z.number().gt(0).lt(100), window: duration }).optional(),
    sla: sla.optional(),
    continuity: continuity.optional(),
    capacity: capacity.optional(),
    escalation: reference.optional(),
    runbooks: z.array(z.string().min(1)).optional(),
  }),
});

const hours = z
  .string()
  .regex(
    /^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/,
    'must be hours such as 09:00-17:00, 24:00 being the end of the day',
  );

export const calendarFileSchema = z.strictObject({
  ...header,
  kind: z.literal('Calendar'),
  metadata,
  spec: z.strictObject({
    /** IANA name, such as Europe/Berlin. */
    zone: z.string().min(1),
    /** By day or range of days, such as mon-fri. Days that are not named are days off. */
    hours: z.record(
      z
        .string()
        .regex(
          /^(mon|tue|wed|thu|fri|sat|sun)(-(mon|tue|wed|thu|fri|sat|sun))?$/,
          'must be a day such as sat, or a range such as mon-fri',
        ),
      z.union([hours, z.array(hours).min(1)]),
    ),
    holidays: z.array(z.iso.date('must be a date such as 2026-12-25')).max(LIMITS.holidays).optional(),
  }),
});

const matrixRow = z.tuple([prioritySchema, prioritySchema, prioritySchema]);

const matrixFileSchema = z.strictObject({
  ...header,
  kind: z.literal('PriorityMatrix'),
  metadata,
  /** A row for each impact from 1, in it a priority for each urgency from 1. */
  spec: z.strictObject({ priorities: z.tuple([matrixRow, matrixRow, matrixRow]) }),
});

const escalationFileSchema = z.strictObject({
  ...header,
  kind: z.literal('EscalationPolicy'),
  metadata,
  spec: z.strictObject({
    steps: z.array(z.strictObject({ after: duration, channels: z.array(reference).min(1) })).min(1),
  }),
});

export const FILE_SCHEMAS = {
  Service: serviceFileSchema,
  Calendar: calendarFileSchema,
  PriorityMatrix: matrixFileSchema,
  EscalationPolicy: escalationFileSchema,
} as const;

export type Kind = keyof typeof FILE_SCHEMAS;

/** JSON Schema of one document of a catalogue file, for editors. */
export function catalogueJsonSchema(): object {
  return z.toJSONSchema(
    z
      .discriminatedUnion('kind', [
        serviceFileSchema,
        calendarFileSchema,
        matrixFileSchema,
        escalationFileSchema,
      ])
      .meta({ title: 'Plimsoll service catalogue' }),
  );
}
