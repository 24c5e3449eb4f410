import { Hono } from 'hono';
import { authorise } from '../../security/authorise.ts';
import type { TelemetryStore } from '../../telemetry/store.ts';
import type { RouteEnvironment } from '../plimsoll/new-routes.ts';
import { MAX_TIME_MS, MIN_TIME_MS, timeParameter } from './parameters.ts';
import { asParameter } from './parse-errors.ts';
import { PrometheusError } from './prometheus-error.ts';
import type { QueryEngine } from './query-engine.ts';
import { readForm } from './read-form.ts';

export interface AdminRouteServices {
  readonly store: Pick<TelemetryStore, 'deleteSeries' | 'cleanDeleted'>;
  readonly queries: Pick<QueryEngine, 'parseSelector'>;
}

const METHODS = ['POST', 'PUT'];

/** Those of Prometheus' admin endpoints that delete; each needs the local admin token. Others are not offered. */
export function adminRoutes({ store, queries }: AdminRouteServices): Hono<RouteEnvironment> {
  const routes = new Hono<RouteEnvironment>();
  routes.on(METHODS, '/admin/tsdb/delete_series', async (context) => {
    authorise(context.get('principal'), 'telemetry.delete', 'series');
    const form = await readForm(context);
    const selectors = form.getAll('match[]');
    if (selectors.length === 0) throw new PrometheusError('bad_data', 'no match[] parameter provided');
    const startMs = timeParameter(form, 'start', MIN_TIME_MS);
    const endMs = timeParameter(form, 'end', MAX_TIME_MS);
    const parsed = selectors.map((selector) => asParameter('match[]', () => queries.parseSelector(selector)));
    await store.deleteSeries(parsed, startMs, endMs);
    return context.body(null, 204);
  });
  routes.on(METHODS, '/admin/tsdb/clean_tombstones', async (context) => {
    authorise(context.get('principal'), 'telemetry.delete', 'tombstones');
    await store.cleanDeleted();
    return context.body(null, 204);
  });
  // Clients tell their user what comes in Prometheus' form; of an unknown path they tell the status only.
  routes.on(METHODS, '/admin/*', () => {
    throw new PrometheusError(
      'unavailable',
      'admin APIs disabled: this server offers no other than deletion',
    );
  });
  return routes;
}
