import { matcherError, matcherPredicate } from '@plimsoll/promql';
import { Hono } from 'hono';
import type { Alert } from '../../alertmanager/alert.ts';
import { LOG_REPEAT_MS } from '../../limits.ts';
import { limitRepeats } from '../../log-limit.ts';
import { authorise } from '../../security/authorise.ts';
import type { ApiServices } from '../api-services.ts';
import type { RouteEnvironment } from '../plimsoll/new-routes.ts';
import { type GettableAlert, alertJson } from './alert-json.ts';
import { AlertmanagerError } from './alertmanager-error.ts';
import { filterOf, isOn } from './read-filter.ts';
import { readJson } from './read-json.ts';
import { readPostedAlerts } from './read-posted-alerts.ts';
import { receiverNames } from './receivers.ts';

type Services = Pick<ApiServices, 'alertmanager' | 'config' | 'runtime'>;

/** /alerts and /alerts/groups. */
export function alertRoutes(services: Services): Hono<RouteEnvironment> {
  const { runtime, alertmanager } = services;
  const warn = limitRepeats(runtime, LOG_REPEAT_MS);
  const routes = new Hono<RouteEnvironment>();
  routes.post('/alerts', async (context) => {
    authorise(context.get('principal'), 'alert.post', 'alerts');
    const nowMs = runtime.now();
    const { valid, faults } = readPostedAlerts(await readJson(context, 'alerts'), nowMs);
    const outcome = await alertmanager.external.post(valid, nowMs);
    for (const [name, count] of Object.entries({ ...outcome, invalid: faults.length })) {
      if (count > 0) alertmanager.metrics.received.inc({ outcome: name }, count);
    }
    if (outcome.dropped > 0) warn('dropped', { ...outcome }, 'posted alerts were dropped: too many fire');
    if (faults.length > 0) throw AlertmanagerError.refused(400, faults.join('; '));
    return context.body(null, 200);
  });
  routes.get('/alerts', (context) => {
    const query = new URL(context.req.url).searchParams;
    return context.json(select(services, query, receiverNames(services.config())));
  });
  routes.get('/alerts/groups', (context) => {
    const query = new URL(context.req.url).searchParams;
    const [desk = ''] = receiverNames(services.config());
    const groups = Map.groupBy(select(services, query, [desk]), ({ labels }) => labels['alertname'] ?? '');
    const sorted = [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return context.json(
      sorted.map(([name, alerts]) => ({
        alerts,
        labels: name === '' ? {} : { alertname: name },
        receiver: { name: desk },
      })),
    );
  });
  return routes;
}

/** The alerts a request asks for, ours and those of others, by fingerprint. */
function select(
  { alertmanager, runtime }: Services,
  query: URLSearchParams,
  receivers: readonly string[],
): readonly GettableAlert[] {
  const nowMs = runtime.now();
  const matches = filterOf(query);
  const wanted = receivers.filter(receiverFilter(query));
  if (wanted.length === 0) return [];
  const alerts: readonly Alert[] = [...alertmanager.own.firing(), ...alertmanager.external.alerts()];
  return alerts
    .filter(({ labels }) => matches(labels))
    .map((alert) => {
      const silencedBy = alertmanager.silences.covering(alert.labels, nowMs).map(({ id }) => id);
      return alertJson(alert, silencedBy, wanted);
    })
    .filter(({ status }) => isOn(query, status.state === 'active' ? 'active' : 'silenced'))
    .toSorted((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1));
}

function receiverFilter(query: URLSearchParams): (name: string) => boolean {
  const pattern = query.get('receiver') ?? '';
  if (pattern === '') return () => true;
  const matcher = { name: 'receiver', type: '=~', value: pattern } as const;
  const fault = matcherError(matcher);
  if (fault !== undefined) {
    throw AlertmanagerError.refused(400, `failed to parse receiver param: ${fault}`);
  }
  return matcherPredicate(matcher);
}
