import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import type { Desk } from '../../desk/desk.ts';
import { serviceJsonSchema } from '../../desk/json/service.ts';
import { PlimsollError } from '../../errors.ts';
import { jsonResponses, newRoutes, type PlimsollRoutes } from './new-routes.ts';
import { pageOf, pageQueryShape, pageSchema } from './page.ts';

const tags = ['services'];

const listRoute = createRoute({
  method: 'get',
  path: '/services',
  tags,
  summary: 'The catalogue, with the state of each service',
  request: { query: z.object(pageQueryShape) },
  responses: jsonResponses(pageSchema(serviceJsonSchema), 'A page of services, by name.'),
});

const showRoute = createRoute({
  method: 'get',
  path: '/services/{name}',
  tags,
  summary: 'One service',
  request: { params: z.object({ name: z.string() }) },
  responses: jsonResponses(serviceJsonSchema, 'The service.'),
});

/** Routes that read the catalogue. */
export function serviceRoutes(desk: Pick<Desk, 'services' | 'service'>): PlimsollRoutes {
  const routes = newRoutes();
  routes.openapi(listRoute, (context) => {
    const byName = desk.services().toSorted((a, b) => (a.name < b.name ? -1 : 1));
    return context.json(
      pageOf(byName, (service) => service.name, context.req.valid('query')),
      200,
    );
  });
  routes.openapi(showRoute, (context) => {
    const { name } = context.req.valid('param');
    const service = desk.service(name);
    if (service === undefined) throw new PlimsollError('not_found', `there is no service "${name}"`);
    return context.json(service, 200);
  });
  return routes;
}
