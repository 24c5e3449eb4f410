import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadConfig, startCollector } from '@plimsoll/collector';
import { pino } from 'pino';
import { Registry } from 'prom-client';

export interface MetricDescription {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly labels: readonly string[];
}

/** What a running collector tells about itself. */
export interface SelfDescription {
  readonly metrics: readonly MetricDescription[];
  /** Its /api/openapi.json. */
  readonly openApi: string;
}

/** A long-term engine has metrics of its own, whether its server is there or not. */
const WITH_EVERY_METRIC = 'storage: {engine: questdb, questdb: {http_url: "http://127.0.0.1:1"}}';

/** Starts a collector on an empty directory, asks it, and leaves nothing behind. */
export async function describeRunningCollector(): Promise<SelfDescription> {
  const directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-reference-'));
  try {
    const load = () =>
      loadConfig({
        flags: {
          'storage.path': directory,
          'config.file': 'reference.yml',
          'web.listen-address': '127.0.0.1:0',
          'grpc.listen-address': '127.0.0.1:0',
        },
        env: {},
        readFile: () => Promise.resolve(WITH_EVERY_METRIC),
      });
    const metrics = new Registry();
    await using collector = await startCollector({
      config: await load(),
      reloadConfig: load,
      runtime: { now: Date.now, log: pino({ level: 'silent' }), metrics },
      webDirectory: directory,
    });
    const openApi = await (await fetch(new URL('/api/openapi.json', collector.webUrl))).text();
    return { metrics: describeMetrics(metrics), openApi };
  } finally {
    await rm(directory, { recursive: true });
  }
}

function describeMetrics(registry: Registry): MetricDescription[] {
  const described = registry.getMetricsAsArray().map((metric): MetricDescription => {
    // Declared by every metric, yet missing from the library's types.
    const labels: unknown = Reflect.get(metric, 'labelNames');
    return {
      name: metric.name,
      type: String(metric.type),
      help: metric.help,
      labels: Array.isArray(labels) ? labels.map(String) : [],
    };
  });
  return described.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
