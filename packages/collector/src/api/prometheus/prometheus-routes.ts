import { Hono } from 'hono';
import type { Logger } from 'pino';
import type { RouteEnvironment } from '../plimsoll/new-routes.ts';
import { type AdminRouteServices, adminRoutes } from './admin-routes.ts';
import type { QueryServices } from './answer-query.ts';
import { logUnexpected } from './log-unexpected.ts';
import { queryRoutes } from './query-routes.ts';
import { respond, respondError } from './respond.ts';
import { type RulesRouteServices, rulesRoutes } from './rules-routes.ts';
import { type SeriesRouteServices, seriesRoutes } from './series-routes.ts';
import { type StatusRouteServices, statusRoutes } from './status-routes.ts';
import { targetsRoutes } from './targets-routes.ts';
import type { HostRegistry } from '../../hosts/host-registry.ts';

export type PrometheusServices = QueryServices &
  SeriesRouteServices &
  AdminRouteServices &
  RulesRouteServices &
  StatusRouteServices & {
    readonly hosts: Pick<HostRegistry, 'hosts'>;
    readonly alertmanager: { pushUrls(): readonly string[] };
    readonly log: Logger;
  };

/** Prometheus' HTTP API, to be mounted at /api/v1. Every failure answers in Prometheus' form. */
export function prometheusRoutes(services: PrometheusServices): Hono<RouteEnvironment> {
  const routes = new Hono<RouteEnvironment>();
  routes.route('/', queryRoutes(services));
  routes.route('/', seriesRoutes(services));
  routes.route('/', rulesRoutes(services));
  routes.route('/', targetsRoutes(services.hosts));
  routes.route('/', statusRoutes(services));
  routes.get('/alertmanagers', (context) =>
    respond(context, {
      activeAlertmanagers: services.alertmanager.pushUrls().map((url) => ({ url })),
      droppedAlertmanagers: [],
    }),
  );
  routes.get('/features', (context) => respond(context, {}));
  routes.get('/notifications', (context) => respond(context, []));
  routes.route('/', adminRoutes(services));
  routes.onError((error, context) => {
    logUnexpected(services.log, error, context.req.path);
    return respondError(context, error);
  });
  return routes;
}
