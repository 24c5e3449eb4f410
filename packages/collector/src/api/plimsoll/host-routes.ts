import { createRoute } from '@hono/zod-openapi';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Desk } from '../../desk/desk.ts';
import { PlimsollError } from '../../errors.ts';
import type { HostRegistry, HostState } from '../../hosts/host-registry.ts';
import type { QueryEngine } from '../prometheus/query-engine.ts';
import { type HostFigures, hostFigures } from './host-figures.ts';
import { type HostJson, hostJsonSchema } from './host-json.ts';
import { jsonResponses, newRoutes, type PlimsollRoutes } from './new-routes.ts';
import { pageOf, pageQueryShape, pageSchema } from './page.ts';

const tags = ['hosts'];

export interface HostRouteServices {
  readonly hosts: Pick<HostRegistry, 'hosts' | 'host'>;
  readonly desk: Pick<Desk, 'openIncidentsByInstance' | 'servicesOf'>;
  readonly queries: Pick<QueryEngine, 'query'>;
  readonly now: () => number;
  readonly log: Logger;
}

const listRoute = createRoute({
  method: 'get',
  path: '/hosts',
  tags,
  summary: 'Hosts with their newest figures',
  request: {
    query: z.object({ ...pageQueryShape, state: z.enum(['up', 'silent', 'refused']).optional() }),
  },
  responses: jsonResponses(pageSchema(hostJsonSchema), 'A page of hosts, by name.'),
});

const showRoute = createRoute({
  method: 'get',
  path: '/hosts/{instance}',
  tags,
  summary: 'One host',
  request: { params: z.object({ instance: z.string() }) },
  responses: jsonResponses(hostJsonSchema, 'The host.'),
});

/** Routes that show hosts. */
export function hostRoutes(services: HostRouteServices): PlimsollRoutes {
  const routes = newRoutes();
  routes.openapi(listRoute, async (context) => {
    const query = context.req.valid('query');
    const hosts = services.hosts
      .hosts()
      .filter((host) => query.state === undefined || host.state === query.state)
      .toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
    const page = pageOf(hosts, sortKey, query);
    return context.json({ items: await hostsJson(page.items, services), nextCursor: page.nextCursor }, 200);
  });
  routes.openapi(showRoute, async (context) => {
    const { instance } = context.req.valid('param');
    const host = services.hosts.host(instance);
    if (host === undefined) throw new PlimsollError('not_found', `there is no host "${instance}"`);
    const [json] = await hostsJson([host], services);
    if (json === undefined) throw new Error('one host in, one host out');
    return context.json(json, 200);
  });
  return routes;
}

/** Two refused clones may bear one name: the agent id keeps the order total. */
function sortKey(host: HostState): string {
  return `${host.instance}\u0000${host.agentId}`;
}

async function hostsJson(hosts: readonly HostState[], services: HostRouteServices): Promise<HostJson[]> {
  const only = hosts.length === 1 ? hosts[0]?.instance : undefined;
  const figures = await hostFigures(services.queries, services.now(), only).catch((error: unknown) => {
    services.log.warn({ err: error }, 'the figures of the host list could not be queried: shown as unknown');
    return new Map<string, HostFigures>();
  });
  const open = services.desk.openIncidentsByInstance();
  return hosts.map((host) => ({
    ...hostJson(host, figures.get(host.instance)),
    openIncidents: open.get(host.instance) ?? 0,
    services: [...services.desk.servicesOf({ ...host.labels, instance: host.instance, job: 'node' })],
  }));
}

function hostJson(
  host: HostState,
  figures: HostFigures | undefined,
): Omit<HostJson, 'openIncidents' | 'services'> {
  return {
    id: host.agentId,
    instance: host.instance,
    state: host.state,
    refusedReason: host.refusedReason,
    firstSeenAt: new Date(host.firstSeenMs).toISOString(),
    lastSeenAt: host.lastSeenMs === null ? null : new Date(host.lastSeenMs).toISOString(),
    connected: host.connected,
    heard: host.heard,
    agentVersion: host.agentVersion,
    clockOffset: host.clockOffsetMs === null ? null : host.clockOffsetMs / 1000,
    collectInterval: host.collectIntervalMs / 1000,
    labels: { ...host.labels },
    facts: host.facts,
    cpuUtilisation: figures?.cpuUtilisation ?? null,
    memoryUtilisation: figures?.memoryUtilisation ?? null,
    fullestFilesystem: figures?.fullestFilesystem ?? null,
  };
}
