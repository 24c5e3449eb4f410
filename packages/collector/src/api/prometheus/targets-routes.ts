import { Hono } from 'hono';
import type { HostRegistry, HostState } from '../../hosts/host-registry.ts';
import { PrometheusError } from './prometheus-error.ts';
import { respond } from './respond.ts';

const POOL = 'node';
const NEVER = '0001-01-01T00:00:00Z';

/** /targets and /scrape_pools: agents shown as the targets of one pool, although they push. */
export function targetsRoutes(hosts: Pick<HostRegistry, 'hosts'>): Hono {
  const routes = new Hono();
  routes.get('/targets', (context) => {
    const state = (context.req.query('state') ?? '').toLowerCase();
    const pool = context.req.query('scrapePool') ?? '';
    const withActive = ['', 'any', 'active'].includes(state) && (pool === '' || pool === POOL);
    const active = withActive ? hosts.hosts().map(targetJson) : [];
    return respond(context, {
      activeTargets: active,
      droppedTargets: [],
      droppedTargetCounts: { [POOL]: 0 },
    });
  });
  routes.get('/scrape_pools', (context) => respond(context, { scrapePools: [POOL] }));
  routes.get('/targets/metadata', (context) => {
    const limit = context.req.query('limit') ?? '';
    if (limit !== '' && !/^-?\d+$/.test(limit))
      throw new PrometheusError('bad_data', 'limit must be a number');
    return respond(context, []);
  });
  return routes;
}

function targetJson(host: HostState) {
  const labels = { ...host.labels, instance: host.instance, job: POOL };
  return {
    discoveredLabels: labels,
    labels,
    scrapePool: POOL,
    // An agent has no URL the collector would fetch: its identity stands in its place.
    scrapeUrl: `plimsoll-agent://${host.agentId}`,
    globalUrl: `plimsoll-agent://${host.agentId}`,
    lastError: host.refusedReason ?? (host.state === 'silent' ? 'no frame for three intervals' : ''),
    lastScrape: host.lastSeenMs === null ? NEVER : new Date(host.lastSeenMs).toISOString(),
    lastScrapeDuration: 0,
    health: host.state === 'up' ? 'up' : 'down',
    scrapeInterval: `${host.collectIntervalMs / 1000}s`,
    scrapeTimeout: `${host.collectIntervalMs / 1000}s`,
  };
}
