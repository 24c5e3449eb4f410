import { OpenAPIHono } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import { PlimsollError } from '../errors.ts';
import { identify } from '../security/identify.ts';
import { accessMiddleware } from './access-middleware.ts';
import { alertmanagerRoutes } from './alertmanager/alertmanager-routes.ts';
import type { ApiServices } from './api-services.ts';
import { gzipMiddleware } from './gzip-middleware.ts';
import { createHttpMetrics, type HttpMetrics, observeRequests } from './http-metrics.ts';
import { MAX_JSON_BYTES } from './limits.ts';
import { operationsRoutes } from './operations-routes.ts';
import { backupRoutes } from './plimsoll/backup-routes.ts';
import { capacityRoutes } from './plimsoll/capacity-routes.ts';
import { csvMiddleware } from './plimsoll/csv-middleware.ts';
import { eventRoutes } from './plimsoll/event-routes.ts';
import { hostRoutes } from './plimsoll/host-routes.ts';
import { incidentRoutes } from './plimsoll/incident-routes.ts';
import { newRoutes, type PlimsollRoutes, type RouteEnvironment } from './plimsoll/new-routes.ts';
import { problemRoutes } from './plimsoll/problem-routes.ts';
import { serviceRoutes } from './plimsoll/service-routes.ts';
import { systemStatusRoutes } from './plimsoll/system-status-routes.ts';
import { problem, respondProblem, toProblem } from './problem-json.ts';
import { federateRoute } from './prometheus/federate-route.ts';
import { type PrometheusServices, prometheusRoutes } from './prometheus/prometheus-routes.ts';
import { type Endpoint, queryEndpoint } from './prometheus/query-endpoint.ts';
import { QueryGate } from './prometheus/query-gate.ts';
import { remoteReadRoute } from './remote-read/remote-read-route.ts';
import { remoteWriteRoute } from './remote-write/remote-write-route.ts';
import { securityHeaders } from './security-headers.ts';
import { serveStatic } from './static-files.ts';

const BASE = '/api/plimsoll/v1';

export interface Api {
  readonly app: PlimsollRoutes;
  /** Looks at requests first. */
  readonly endpoint: Endpoint;
}

/** The whole HTTP surface of the collector: access rules, Prometheus' API, ours, operations and the UI. */
export function createApi(services: ApiServices): Api {
  const { runtime } = services;
  const { now, log } = runtime;
  const queries = { ...services, gate: new QueryGate(), now, log };
  const metrics = createHttpMetrics(runtime.metrics);
  return {
    app: createRoutes(services, queries, metrics),
    endpoint: queryEndpoint({ ...queries, httpMetrics: metrics }),
  };
}

function createRoutes(
  services: ApiServices,
  queries: PrometheusServices,
  metrics: HttpMetrics,
): PlimsollRoutes {
  const { runtime } = services;
  const app = new OpenAPIHono<RouteEnvironment>();
  app.use(observeRequests(metrics));
  app.use(securityHeaders);
  app.use(accessMiddleware(services.externalUrl, runtime));
  app.use(gzipMiddleware);
  app.use(async (context, next) => {
    context.set('principal', identify(context.req.header('authorization') ?? null, services.adminToken));
    await next();
  });
  app.route('/', operationsRoutes(services));
  app.route('/api/v1', remoteWriteRoute(services));
  app.route('/api/v1', prometheusRoutes(queries));
  const externalLabels = () => services.config().global.externalLabels;
  app.route('/', federateRoute({ ...services, now: runtime.now, externalLabels }));
  app.route('/api/v1', remoteReadRoute({ store: services.store, externalLabels }));
  app.route('/api/v2', alertmanagerRoutes(services));
  app.route(BASE, plimsollRoutes(services));
  app.doc31('/api/openapi.json', {
    openapi: '3.1.0',
    info: { title: 'Plimsoll', version: services.process.version },
  });
  app.get('*', (context) => {
    const file = context.req.path.startsWith('/api/') ? null : serveStatic(context, services.ui);
    return file ?? context.notFound();
  });
  app.notFound((context) =>
    respondProblem(
      context,
      problem(404, 'Not found', `there is nothing at ${context.req.path}`, 'not_found'),
    ),
  );
  app.onError((thrown, context) => {
    const error = fromHttpException(thrown);
    if (PlimsollError.from(error).code === 'internal') {
      runtime.log.error({ err: error, path: context.req.path }, 'a request failed');
    }
    return respondProblem(context, toProblem(error));
  });
  return app;
}

/** Our own API, without its base path. */
function plimsollRoutes(services: ApiServices): PlimsollRoutes {
  const { runtime, desk } = services;
  const routes = newRoutes();
  routes.use(jsonBodyLimit);
  routes.use(csvMiddleware);
  routes.route('/', incidentRoutes(desk));
  routes.route('/', problemRoutes(desk));
  routes.route('/', serviceRoutes(desk));
  routes.route('/', hostRoutes({ ...services, now: runtime.now, log: runtime.log }));
  routes.route('/', capacityRoutes(services.capacity));
  routes.route('/', systemStatusRoutes(services.status));
  routes.route('/', eventRoutes(services.events));
  routes.route('/', backupRoutes(services.backups));
  return routes;
}

const jsonBodyLimit = bodyLimit({
  maxSize: MAX_JSON_BYTES,
  onError: (context) => {
    const detail = `the body is larger than ${MAX_JSON_BYTES} bytes`;
    // The rest of the body is not read: the connection cannot carry another request.
    context.header('connection', 'close');
    return respondProblem(context, problem(413, 'Too large', detail, 'invalid_argument'));
  },
});

/** The framework's own refusals, such as a body that is not JSON. */
function fromHttpException(thrown: unknown): unknown {
  if (!(thrown instanceof HTTPException) || thrown.status >= 500) return thrown;
  return new PlimsollError('invalid_argument', thrown.message, { cause: thrown });
}
