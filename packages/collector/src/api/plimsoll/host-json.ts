import { z } from 'zod';

const instant = z.iso.datetime();
const fraction = z.number().min(0).nullable();

/** A host, with the newest figures of its agent. Durations in seconds, fractions 0..1, unknown is null. */
export const hostJsonSchema = z.object({
  id: z.string().describe("The agent's id."),
  instance: z.string(),
  state: z.enum(['up', 'silent', 'refused']),
  refusedReason: z.string().nullable(),
  firstSeenAt: instant,
  lastSeenAt: instant.nullable(),
  connected: z.boolean(),
  heard: z
    .boolean()
    .describe(
      'Whether a live frame came since this collector started; until then the state is only remembered.',
    ),
  agentVersion: z.string(),
  clockOffset: z.number().nullable().describe("The agent's clock minus the collector's, seconds."),
  collectInterval: z.number(),
  labels: z.record(z.string(), z.string()),
  facts: z.record(z.string(), z.unknown()).nullable(),
  cpuUtilisation: fraction,
  memoryUtilisation: fraction,
  fullestFilesystem: z.object({ mountpoint: z.string(), utilisation: z.number() }).nullable(),
  openIncidents: z.number().int(),
  services: z.array(z.string()),
});
export type HostJson = z.infer<typeof hostJsonSchema>;
