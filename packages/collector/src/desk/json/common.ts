import { z } from 'zod';

/** RFC 3339 in UTC, for example 2026-03-27T15:00:00.000Z; null when it has not happened or is not known. */
export const timestampSchema = z.iso.datetime();

export const severitySchema = z.enum(['critical', 'warning', 'info']);
export type Severity = z.infer<typeof severitySchema>;

export const categorySchema = z.enum([
  'availability',
  'capacity',
  'performance',
  'security',
  'backup',
  'change',
]);
export type Category = z.infer<typeof categorySchema>;

export const prioritySchema = z.enum(['P1', 'P2', 'P3', 'P4', 'P5']);
export type Priority = z.infer<typeof prioritySchema>;

/** 1 is the widest impact, respectively the most urgent. */
export const levelSchema = z.union([z.literal(1), z.literal(2), z.literal(3)]);
export type Level = z.infer<typeof levelSchema>;

/** Who did something. A user's id is the sign-in name; a system's is the part of the collector that acted. */
const actorSchema = z.object({
  kind: z.enum(['user', 'token', 'agent', 'system']),
  id: z.string(),
});
export type Actor = z.infer<typeof actorSchema>;

export const timelineItemSchema = z.object({
  at: timestampSchema,
  /** The journal event's type, such as incident.acknowledged. */
  type: z.string(),
  actor: actorSchema,
  /** One sentence for people. */
  text: z.string(),
  data: z.record(z.string(), z.unknown()),
});
export type TimelineItem = z.infer<typeof timelineItemSchema>;

/** A page of a list; `nextCursor` continues it and is null at its end. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}
