import { newestPrometheus } from './prometheus-programs.ts';
import { victoriaMetrics } from './victoria-metrics.ts';

/**
 * Called before the tests of real servers. Building these servers from nothing takes CI some minutes, in which other tests
 * can run: those that need one wait for it.
 */
export function setup(): void {
  if (process.env['CI'] !== 'true') return;
  buildServers().catch((error: unknown) => console.warn(error));
}

async function buildServers(): Promise<void> {
  await victoriaMetrics();
  await newestPrometheus('prometheus');
  await newestPrometheus('promtool');
}
