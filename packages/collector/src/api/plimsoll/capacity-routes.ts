import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import {
  type FilesystemForecast,
  type FilesystemOutlook,
  filesystemForecastSchema,
  filesystemOutlookSchema,
} from '../../capacity/filesystem-outlook.ts';
import { PlimsollError } from '../../errors.ts';
import { jsonResponses, newRoutes, type PlimsollRoutes } from './new-routes.ts';
import { pageOf, pageQueryShape, pageSchema } from './page.ts';

const tags = ['capacity'];

/** What the API needs of capacity planning. */
export interface CapacityView {
  filesystems(): Promise<readonly FilesystemOutlook[]>;
  /** Undefined when there is no such filesystem. */
  filesystemForecast(instance: string, mountpoint: string): Promise<FilesystemForecast | undefined>;
}

const listRoute = createRoute({
  method: 'get',
  path: '/capacity/filesystems',
  tags,
  summary: 'When each filesystem will be full, soonest first',
  request: { query: z.object({ ...pageQueryShape, instance: z.string().optional() }) },
  responses: jsonResponses(pageSchema(filesystemOutlookSchema), 'A page of filesystems.'),
});

const forecastRoute = createRoute({
  method: 'get',
  path: '/capacity/filesystems/forecast',
  tags,
  summary: "One filesystem's utilisation so far and to come",
  request: { query: z.object({ instance: z.string(), mountpoint: z.string() }) },
  responses: jsonResponses(filesystemForecastSchema, 'History and forecast.'),
});

/** Routes that show capacity. */
export function capacityRoutes(capacity: CapacityView): PlimsollRoutes {
  const routes = newRoutes();
  routes.openapi(listRoute, async (context) => {
    const query = context.req.valid('query');
    const outlooks = (await capacity.filesystems())
      .filter(({ instance }) => query.instance === undefined || instance === query.instance)
      .toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
    return context.json(pageOf(outlooks, sortKey, query), 200);
  });
  routes.openapi(forecastRoute, async (context) => {
    const { instance, mountpoint } = context.req.valid('query');
    const forecast = await capacity.filesystemForecast(instance, mountpoint);
    if (forecast === undefined) {
      throw new PlimsollError('not_found', `there is no filesystem ${mountpoint} on host "${instance}"`);
    }
    return context.json(forecast, 200);
  });
  return routes;
}

/** Days to full first (unknown last), then how full it is, then the name: sortable as text and usable as a cursor. */
function sortKey(outlook: FilesystemOutlook): string {
  const days = Math.round((outlook.q50Days ?? 99_999) * 1_000);
  const free = Math.round((1 - outlook.utilisation) * 1e6);
  return [
    String(days).padStart(9, '0'),
    String(Math.max(0, free)).padStart(7, '0'),
    outlook.instance,
    outlook.mountpoint,
    outlook.device,
  ].join('\u0000');
}
