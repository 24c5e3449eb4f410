import { Hono } from 'hono';
import type { TelemetryStore } from '../../telemetry/store.ts';
import { respond } from './respond.ts';

/** What the status pages tell about the process. */
export interface ProcessView {
  readonly version: string;
  readonly startedAtMs: number;
  readonly workingDirectory: string;
  readonly hostname: string;
  readonly storageRetention: string;
  /** The newest reload: whether it was taken and when it was tried. */
  lastReload(): { readonly successful: boolean; readonly atMs: number };
  /** The configuration in force as YAML, secrets redacted. */
  configurationYaml(): string;
  /** Flag values by name, as text. */
  readonly flags: Readonly<Record<string, string>>;
}

export interface StatusRouteServices {
  readonly process: ProcessView;
  readonly store: Pick<TelemetryStore, 'stats' | 'labelNames' | 'series'>;
  readonly now: () => number;
}

/** Statistics look at the series of this much time before now. */
const STATISTICS_WINDOW_MS = 3_600_000;
const DEFAULT_STATISTICS = 10;

/** /status/{config,flags,buildinfo,runtimeinfo,tsdb,tsdb/blocks,walreplay}. */
export function statusRoutes(services: StatusRouteServices): Hono {
  const { process: view } = services;
  const routes = new Hono();
  routes.get('/status/config', (context) => respond(context, { yaml: view.configurationYaml() }));
  routes.get('/status/flags', (context) => respond(context, view.flags));
  routes.get('/status/buildinfo', (context) =>
    respond(context, {
      version: view.version,
      revision: '',
      branch: '',
      buildUser: '',
      buildDate: '',
      goVersion: '',
      application: 'plimsoll',
    }),
  );
  routes.get('/status/runtimeinfo', (context) => {
    const reload = view.lastReload();
    return respond(context, {
      startTime: new Date(view.startedAtMs).toISOString(),
      CWD: view.workingDirectory,
      hostname: view.hostname,
      serverTime: new Date(services.now()).toISOString(),
      reloadConfigSuccess: reload.successful,
      lastConfigTime: new Date(reload.atMs).toISOString(),
      corruptionCount: 0,
      goroutineCount: 0,
      GOMAXPROCS: 0,
      GOMEMLIMIT: 0,
      GOGC: '',
      GODEBUG: '',
      storageRetention: view.storageRetention,
    });
  });
  routes.get('/status/walreplay', (context) => respond(context, { min: 0, max: 0, current: 0 }));
  // The store has no blocks in Prometheus' form: clients that list them find none.
  routes.get('/status/tsdb/blocks', (context) => respond(context, { blocks: [] }));
  routes.get('/status/tsdb', async (context) =>
    respond(context, await storeStatistics(services, statisticsLimit(context.req.query('limit')))),
  );
  return routes;
}

function statisticsLimit(text: string | undefined): number {
  const limit = Number(text ?? DEFAULT_STATISTICS);
  return Number.isInteger(limit) && limit >= 1 && limit <= 10_000 ? limit : DEFAULT_STATISTICS;
}

async function storeStatistics({ store, now }: StatusRouteServices, limit: number) {
  const endMs = now();
  const series = await store.series([[]], endMs - STATISTICS_WINDOW_MS, endMs);
  const byMetric = new Map<string, number>();
  const byPair = new Map<string, number>();
  const valuesByName = new Map<string, Set<string>>();
  for (const labels of series) {
    count(byMetric, labels.name);
    for (const [name, value] of labels.entries()) {
      count(byPair, `${name}=${value}`);
      const values = valuesByName.get(name) ?? new Set();
      valuesByName.set(name, values.add(value));
    }
  }
  const valueCounts = new Map([...valuesByName].map(([name, values]) => [name, values.size]));
  const valueBytes = new Map(
    [...valuesByName].map(([name, values]) => [
      name,
      [...values].reduce((sum, value) => sum + value.length, 0),
    ]),
  );
  const stats = store.stats();
  return {
    headStats: {
      numSeries: stats.activeSeries,
      numLabelPairs: byPair.size,
      chunkCount: 0,
      minTime: stats.oldestMs ?? 0,
      maxTime: stats.newestMs ?? 0,
    },
    seriesCountByMetricName: largest(byMetric, limit),
    labelValueCountByLabelName: largest(valueCounts, limit),
    memoryInBytesByLabelName: largest(valueBytes, limit),
    seriesCountByLabelValuePair: largest(byPair, limit),
  };
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function largest(counts: ReadonlyMap<string, number>, limit: number): { name: string; value: number }[] {
  return [...counts]
    .map(([name, value]) => ({ name, value }))
    .toSorted((a, b) => b.value - a.value)
    .slice(0, limit);
}
