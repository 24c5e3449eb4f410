import type { MiddlewareHandler } from 'hono';
import { Counter, Histogram, type Registry } from 'prom-client';

/** From a cached page to a query at its time limit, seconds. */
const BUCKETS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60];

/** Counts and times requests by the part of the surface they went to: a label for each path would be unbounded. */
export interface HttpMetrics {
  /** One request, answered with a status after some seconds. */
  observe(path: string, status: number, seconds: number): void;
}

export function createHttpMetrics(metrics: Registry): HttpMetrics {
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
  // Looking labels up costs more than counting.
  const counts = new Map<string, { inc(): void }>();
  const times = new Map<string, { observe(seconds: number): void }>();
  return {
    observe(path, status, seconds) {
      const surface = surfaceOf(path);
      const key = `${surface} ${status}`;
      let count = counts.get(key);
      if (count === undefined) counts.set(key, (count = requests.labels({ surface, code: status })));
      let time = times.get(surface);
      if (time === undefined) times.set(surface, (time = durations.labels({ surface })));
      count.inc();
      time.observe(seconds);
    },
  };
}

/** Observes every request. */
export function observeRequests(metrics: HttpMetrics): MiddlewareHandler {
  return async (context, next) => {
    const startedAt = performance.now();
    await next();
    metrics.observe(context.req.path, context.res.status, (performance.now() - startedAt) / 1000);
  };
}

function surfaceOf(path: string): string {
  if (path.startsWith('/api/v1/')) return 'prometheus';
  if (path.startsWith('/api/')) return 'plimsoll';
  return path.startsWith('/-/') || path === '/metrics' ? 'operations' : 'ui';
}
