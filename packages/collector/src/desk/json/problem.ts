import { z } from 'zod';
import { timelineItemSchema, timestampSchema } from './common.ts';

export const problemStateSchema = z.enum([
  'new',
  'assess',
  'root_cause_analysis',
  'fix_in_progress',
  'resolved',
  'closed',
]);
export type ProblemStateName = z.infer<typeof problemStateSchema>;

const problemReasonSchema = z.enum(['recurrence', 'major', 'trend']);

export const problemJsonSchema = z.object({
  id: z.string(),
  number: z.number().int(),
  state: problemStateSchema,
  title: z.string(),
  service: z.string(),
  signature: z.string(),
  openedAt: timestampSchema,
  resolvedAt: timestampSchema.nullable(),
  closedAt: timestampSchema.nullable(),
  reason: problemReasonSchema,
  incidents: z.array(
    z.object({
      id: z.string(),
      number: z.number().int(),
      openedAt: timestampSchema,
      resolvedAt: timestampSchema.nullable(),
    }),
  ),
  rootCause: z.string().nullable(),
  workaround: z.string().nullable(),
  /** Analysed, not yet fixed. */
  knownError: z.boolean(),
  timeline: z.array(timelineItemSchema),
});
export type ProblemJson = z.infer<typeof problemJsonSchema>;
