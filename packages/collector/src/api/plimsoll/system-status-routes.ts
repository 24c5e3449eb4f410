import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import { MAX_FILES_LISTED } from '../../scrub/limits.ts';
import { jsonResponses, newRoutes, type PlimsollRoutes } from './new-routes.ts';

const instant = z.iso.datetime();

/** The monitor's own health. Durations in seconds, sizes in bytes, unknown is null. */
const systemStatusSchema = z.object({
  version: z.string(),
  startedAt: instant,
  incarnation: z.string(),
  ready: z.boolean(),
  ingest: z.object({
    samplesPerSecond: z.number(),
    framesTotal: z.number(),
    droppedTotal: z.number(),
    lagSeconds: z.number().nullable(),
    streams: z.number().int(),
  }),
  store: z.object({
    activeSeries: z.number().int(),
    diskBytes: z.number(),
    logBytes: z.number(),
    oldestAt: instant.nullable(),
    newestAt: instant.nullable(),
    readOnlyReason: z.string().nullable(),
    longTerm: z
      .object({ fault: z.string(), message: z.string(), since: instant })
      .nullable()
      .describe('What keeps the long-term engine from taking telemetry; null while nothing does.'),
    damagedCount: z.number().int().describe('Stored files that are damaged, as far as is known.'),
    damagedFiles: z
      .array(z.object({ file: z.string(), message: z.string(), foundAt: instant.nullable() }))
      .max(MAX_FILES_LISTED)
      .describe(
        'The first of them, below the storage path: what the daily scrub found, and what an opening of the store set aside.',
      ),
  }),
  rules: z.object({
    groups: z.number().int(),
    rules: z.number().int(),
    firing: z.number().int(),
    lastEvaluationSeconds: z.number().nullable(),
    lastError: z.string().nullable(),
  }),
  configuration: z.object({
    lastReloadSuccessful: z.boolean(),
    lastReloadAt: instant,
    error: z.string().nullable(),
  }),
  journal: z.object({ events: z.number().int(), headHash: z.string().nullable() }),
});
export type SystemStatus = z.infer<typeof systemStatusSchema>;

const statusRoute = createRoute({
  method: 'get',
  path: '/status',
  tags: ['status'],
  summary: "The monitor's own health",
  responses: jsonResponses(systemStatusSchema, 'How the collector is doing.'),
});

/** The route of the monitor's own health. */
export function systemStatusRoutes(status: () => SystemStatus | Promise<SystemStatus>): PlimsollRoutes {
  const routes = newRoutes();
  routes.openapi(statusRoute, async (context) => context.json(await status(), 200));
  return routes;
}
