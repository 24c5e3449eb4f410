import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import type { EventHub } from '../event-hub.ts';
import { newRoutes, type PlimsollRoutes } from './new-routes.ts';

const eventsRoute = createRoute({
  method: 'get',
  path: '/events',
  tags: ['events'],
  summary: 'Server-sent events: what changed',
  description:
    'Events `incident`, `problem`, `host`, `capacity` and `status` with data `{"id": ...}`; fetch what you show.',
  responses: {
    200: {
      description: 'The stream; a comment at least every 15 seconds.',
      content: { 'text/event-stream': { schema: z.string() } },
    },
  },
});

/** The event stream. */
export function eventRoutes(events: Pick<EventHub, 'open'>): PlimsollRoutes {
  const routes = newRoutes();
  routes.openapi(eventsRoute, (context) => {
    const { outgoing } = context.env;
    return context.body(
      events.open(() => outgoing.destroy()),
      200,
      {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      },
    );
  });
  return routes;
}
