import { z } from 'zod';

/** Targets by priority, in seconds of working time; a priority without a target is absent. */
const targetsSchema = z.record(z.string(), z.number());

const serviceStateSchema = z.enum(['up', 'down', 'degraded', 'unknown']);
export type ServiceStateName = z.infer<typeof serviceStateSchema>;

export const serviceJsonSchema = z.object({
  name: z.string(),
  displayName: z.string(),
  owner: z.string(),
  tier: z.number().int(),
  agreed: z.boolean(),
  state: serviceStateSchema,
  /** Selectors in PromQL's notation. */
  resources: z.array(z.string()),
  dependsOn: z.array(z.string()),
  openIncidents: z.number().int(),
  sla: z
    .object({
      /** Calendar names by priority, and `default`. */
      calendar: z.record(z.string(), z.string()),
      response: targetsSchema,
      resolution: targetsSchema,
      pausedBy: z.array(z.string()),
    })
    .nullable(),
  /** Availability in percent, window in seconds. */
  slo: z.object({ availability: z.number(), window: z.number() }).nullable(),
  continuity: z
    .object({
      rto: z.number().nullable(),
      rpo: z.number().nullable(),
      backup: z
        .object({ lastSuccess: z.string(), every: z.number().nullable(), duration: z.number().nullable() })
        .nullable(),
      recoveryPlan: z.string().nullable(),
      drillEvery: z.number().nullable(),
    })
    .nullable(),
  /** The calendar used where no priority names its own. */
  calendar: z.string(),
  escalation: z.string().nullable(),
  runbooks: z.array(z.string()),
});
export type ServiceJson = z.infer<typeof serviceJsonSchema>;
