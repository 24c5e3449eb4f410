import { Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { PlimsollError } from '../../errors.ts';
import type { ApiServices } from '../api-services.ts';
import type { RouteEnvironment } from '../plimsoll/new-routes.ts';
import { toProblem } from '../problem-json.ts';
import { alertRoutes } from './alert-routes.ts';
import { AlertmanagerError } from './alertmanager-error.ts';
import { receiverNames } from './receivers.ts';
import { silenceRoutes } from './silence-routes.ts';

/** Alertmanager's API, version 2, to be mounted at /api/v2. */
export function alertmanagerRoutes(services: ApiServices): Hono<RouteEnvironment> {
  const routes = new Hono<RouteEnvironment>();
  routes.route('/', alertRoutes(services));
  routes.route('/', silenceRoutes(services.alertmanager.silences, services.runtime.now));
  routes.get('/receivers', (context) =>
    context.json(receiverNames(services.config()).map((name) => ({ name }))),
  );
  routes.get('/status', (context) => {
    const { process } = services;
    return context.json({
      cluster: { peers: [], status: 'disabled' },
      config: { original: process.configurationYaml() },
      uptime: new Date(process.startedAtMs).toISOString(),
      versionInfo: {
        branch: '',
        buildDate: '',
        buildUser: '',
        goVersion: '',
        revision: '',
        version: process.version,
      },
    });
  });
  routes.all('*', (context) => {
    throw AlertmanagerError.malformed(404, `path ${context.req.path} was not found`);
  });
  routes.onError((thrown, context) => {
    if (thrown instanceof AlertmanagerError) return context.json(thrown.body, thrown.status);
    const error = PlimsollError.from(thrown);
    const { status, detail } = toProblem(error);
    if (status >= 500) services.runtime.log.error({ err: error, path: context.req.path }, 'a request failed');
    return context.body(JSON.stringify(detail), status as ContentfulStatusCode, {
      'content-type': 'application/json',
    });
  });
  return routes;
}
