import { hostname } from 'node:os';
import { Labels, METRIC_NAME } from '@plimsoll/promql';
import type { MetricObjectWithValues, MetricValue } from 'prom-client';
import { LOG_REPEAT_MS } from '../limits.ts';
import { limitRepeats } from '../log-limit.ts';
import type { Runtime } from '../runtime.ts';
import { asMetricType, type TelemetryStore } from '../telemetry/store.ts';

/** How often the collector writes its own metrics down: they tell of hours and days, and should cost nothing. */
const RECORD_EVERY_MS = 60_000;
/** Series of one record; a configuration with very many channels or states loses the rest. */
const MAX_SERIES = 500;

/** A clock that is further ahead than this of all telemetry is not trusted to write times down: what is stored is taken for right at the next start. */
const MAX_LEAD_MS = 3600 * 1000;

/** They begin anew when they are read: that is for whoever scrapes the collector. */
const SINCE_LAST_SCRAPE: ReadonlySet<string> = new Set([
  'plimsoll_event_loop_utilization_ratio',
  'plimsoll_event_loop_lateness_seconds',
]);
/** One series for each rule group: many where there are many groups. */
const OF_EACH_GROUP = 'plimsoll_rule_group_';

/**
 * Writes the collector's own counters and gauges into its own store, as `job="plimsoll"` with this machine's name as
 * `instance`, so that rules and graphs about it need nobody who scrapes it. It is no host: there is no `up` of it.
 */
export function recordOwnMetrics(
  { runtime, store }: { runtime: Runtime; store: Pick<TelemetryStore, RecorderNeeds> },
  everyMs = RECORD_EVERY_MS,
): AsyncDisposable {
  const warn = limitRepeats(runtime, LOG_REPEAT_MS);
  let recording = Promise.resolve();
  const timer = setInterval(() => {
    if (!isTrusted(store, runtime.now())) {
      warn('clock', {}, LEAD);
      return;
    }
    recording = record(runtime, store).catch((error: unknown) =>
      warn('own', { err: error }, "the collector's own metrics could not be stored"),
    );
  }, everyMs);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await recording;
    },
  };
}

const LEAD =
  "no telemetry is from the last hour: the collector's own metrics are stored once some comes, in case its clock is wrong";

function isTrusted(store: Pick<TelemetryStore, 'stats'>, nowMs: number): boolean {
  const { newestMs, oldestMs } = store.stats();
  return nowMs - (newestMs ?? oldestMs ?? nowMs) <= MAX_LEAD_MS;
}

type RecorderNeeds = 'stats' | 'internSeries' | 'appendSamples' | 'setMetadata';
type OwnMetric = MetricObjectWithValues<MetricValue<string>>;

async function record(runtime: Runtime, store: Pick<TelemetryStore, RecorderNeeds>): Promise<void> {
  const metrics = await readMetrics(runtime);
  const own = { job: 'plimsoll', instance: hostname() };
  const samples = metrics
    .flatMap(({ name, values }) => values.map(({ labels, value }) => ({ name, labels, value })))
    .slice(0, MAX_SERIES);
  const series = samples.map(({ name, labels }) =>
    Labels.of({ ...textOf(labels), ...own, [METRIC_NAME]: name }),
  );
  store.setMetadata(
    metrics.map(({ name, type, help }) => ({
      family: name,
      type: asMetricType(String(type)),
      help,
      unit: '',
    })),
  );
  await store.appendSamples({
    refs: store.internSeries(series),
    timestampsMs: new Float64Array(samples.length).fill(runtime.now()),
    values: Float64Array.from(samples, ({ value }) => value),
  }).durable;
}

async function readMetrics({ metrics }: Runtime): Promise<OwnMetric[]> {
  const found: OwnMetric[] = [];
  for (const { name, type } of metrics.getMetricsAsArray()) {
    if (!['counter', 'gauge'].includes(String(type))) continue;
    if (SINCE_LAST_SCRAPE.has(name) || name.startsWith(OF_EACH_GROUP)) continue;
    const metric = await metrics.getSingleMetric(name)?.get();
    if (metric !== undefined) found.push(metric);
  }
  return found;
}

function textOf(labels: Partial<Record<string, string | number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, String(value)]));
}
