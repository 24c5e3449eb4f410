import { z } from 'zod';
import { levelSchema, severitySchema } from './json/common.ts';
import { holdReasonSchema } from './json/incident.ts';
import { problemStateSchema } from './json/problem.ts';
import { LIMITS } from './limits.ts';

const id = z.string().min(1).max(LIMITS.idChars);
const note = z.string().trim().min(1).max(LIMITS.noteChars);
const person = z.string().trim().min(1).max(LIMITS.personChars);

/** What people may ask of an incident. `id` is the incident's id or its number in decimal digits. */
export const incidentCommandSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('incident.open'),
    title: z.string().trim().min(1).max(LIMITS.titleChars),
    service: z.string().min(1).max(LIMITS.idChars),
    severity: severitySchema,
    description: note.optional(),
  }),
  z.object({ type: z.literal('incident.acknowledge'), id, note: note.optional() }),
  z.object({ type: z.literal('incident.assign'), id, assignee: person }),
  z.object({ type: z.literal('incident.note'), id, text: note }),
  z.object({ type: z.literal('incident.hold'), id, reason: holdReasonSchema, note }),
  z.object({ type: z.literal('incident.resume'), id }),
  /** The note is required while the condition still holds. */
  z.object({ type: z.literal('incident.resolve'), id, note: note.optional() }),
  z.object({ type: z.literal('incident.reopen'), id, note }),
  z.object({ type: z.literal('incident.close'), id, note: note.optional() }),
  z.object({ type: z.literal('incident.cancel'), id, note }),
  z.object({
    type: z.literal('incident.reprioritise'),
    id,
    impact: levelSchema,
    urgency: levelSchema,
    note,
  }),
]);
export type IncidentCommand = z.infer<typeof incidentCommandSchema>;

/** What people may ask of a problem. `id` is the problem's id or its number in decimal digits. */
export const problemCommandSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('problem.note'), id, text: note }),
  z.object({ type: z.literal('problem.move'), id, state: problemStateSchema.exclude(['new', 'closed']) }),
  z.object({
    type: z.literal('problem.analyse'),
    id,
    rootCause: note.optional(),
    workaround: note.optional(),
  }),
  z.object({ type: z.literal('problem.close'), id, note }),
]);
export type ProblemCommand = z.infer<typeof problemCommandSchema>;
