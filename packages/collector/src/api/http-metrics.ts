import type { MiddlewareHandler } from 'hono';
import { Counter, Histogram, type Registry } from 'prom-client';

/** From a cached page to a query at its time limit, seconds. */
const BUCKETS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60];

/** Counts and times every request by the part of the surface it went to: a label for each path would be unbounded. */
export function httpMetrics(metrics: Registry): MiddlewareHandler {
  const requests = new Counter({
    name: 'plimsoll_http_requests_total',
    help: 'HTTP requests by part of the surface and status code.',
    labelNames: ['surface', 'code'],
    registers: [metrics],
  });
  const durations = new Histogram({
    name: 'plimsoll_http_request_duration_seconds',
    help: 'Time until the answer began, by part of the surface.',
    labelNames: ['surface'],
    buckets: BUCKETS,
    registers: [metrics],
  });
  return async (context, next) => {
    const startedAt = performance.now();
    await next();
    const surface = surfaceOf(context.req.path);
    requests.inc({ surface, code: context.res.status });
    durations.observe({ surface }, (performance.now() - startedAt) / 1000);
  };
}

function surfaceOf(path: string): string {
  if (path.startsWith('/api/v1/')) return 'prometheus';
  if (path.startsWith('/api/')) return 'plimsoll';
  return path.startsWith('/-/') || path === '/metrics' ? 'operations' : 'ui';
}
