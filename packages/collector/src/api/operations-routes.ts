import { Hono } from 'hono';
import { authorise } from '../security/authorise.ts';
import type { ApiServices } from './api-services.ts';
import type { RouteEnvironment } from './plimsoll/new-routes.ts';

type OperationsServices = Pick<ApiServices, 'runtime' | 'isReady' | 'reload'>;

/** /-/healthy, /-/ready, /-/reload and /metrics. */
export function operationsRoutes(services: OperationsServices): Hono<RouteEnvironment> {
  const routes = new Hono<RouteEnvironment>();
  routes.get('/-/healthy', (context) => context.text('Plimsoll is Healthy.\n'));
  routes.get('/-/ready', (context) =>
    services.isReady()
      ? context.text('Plimsoll is Ready.\n')
      : context.text('Plimsoll is not ready yet.\n', 503),
  );
  routes.on(['POST', 'PUT'], '/-/reload', async (context) => {
    authorise(context.get('principal'), 'configuration.reload', 'the configuration');
    await services.reload();
    return context.body(null, 200);
  });
  routes.get('/metrics', async (context) =>
    context.body(await services.runtime.metrics.metrics(), 200, {
      'content-type': services.runtime.metrics.contentType,
      'cache-control': 'no-store',
    }),
  );
  return routes;
}
