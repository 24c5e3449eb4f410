import { hostname } from 'node:os';
import { Labels, METRIC_NAME } from '@plimsoll/promql';
import { Counter, type MetricObjectWithValues, type MetricValue } from 'prom-client';
import { limitRepeats } from '../log-limit.ts';
import type { Runtime } from '../runtime.ts';
import { MAX_LEAD_MS } from '../telemetry/age-clock.ts';
import { asMetricType } from '../telemetry/store.ts';
import type { StateStore } from './open-store.ts';

/** How often the collector writes its own metrics down: they tell of hours and days, and should cost nothing. */
const RECORD_EVERY_MS = 60_000;
/** Series of one record: a configuration with very many channels or states loses the rest. */
const MAX_SERIES = 500;
/** What is in the way of a record is in the way of the next ones too. */
const WARN_EVERY_MS = 3600 * 1000;

/** They begin anew when they are read: that is for whoever scrapes the collector. */
const SINCE_LAST_SCRAPE: ReadonlySet<string> = new Set([
  'plimsoll_event_loop_utilization_ratio',
  'plimsoll_event_loop_lateness_seconds',
]);
/** One series for each rule group: many where there are many groups. */
const OF_EACH_GROUP = 'plimsoll_rule_group_';

const UNTRUSTED =
  "the clock is far ahead of all telemetry: the collector's own metrics are stored once some of the last hour comes, or after a day, in case it is wrong";
const TOO_MANY = `the collector has more than ${MAX_SERIES} series of its own: the rest is on /metrics alone`;

type RecordingStore = Pick<StateStore, 'ageNow' | 'stats' | 'internSeries' | 'appendSamples' | 'setMetadata'>;
type OwnMetric = MetricObjectWithValues<MetricValue<string>>;

/**
 * Writes the collector's own counters and gauges into its own store, as `job="plimsoll"` with this machine's name as
 * `instance`, so that rules and graphs about it need nobody who scrapes it. It is no host: there is no `up` of it.
 */
export function recordOwnMetrics(
  { runtime, store }: { runtime: Runtime; store: RecordingStore },
  everyMs = RECORD_EVERY_MS,
): AsyncDisposable {
  const warn = limitRepeats(runtime, WARN_EVERY_MS);
  const dropped = new Counter({
    name: 'plimsoll_own_samples_dropped_total',
    help: `Samples of the collector's own metrics that it did not store: a record has at most ${MAX_SERIES}.`,
    registers: [runtime.metrics],
  });
  let recording: Promise<void> | null = null;
  const recordNow = async (): Promise<void> => {
    try {
      const left = await record(runtime, store);
      if (left > 0) warn('series', { left }, TOO_MANY);
      dropped.inc(left);
    } catch (error) {
      warn('store', { err: error }, "the collector's own metrics could not be stored");
    } finally {
      recording = null;
    }
  };
  const timer = setInterval(() => {
    // A store that is slow gets no second record on top of the one it is at.
    if (recording !== null) return;
    if (isTrusted(store, runtime.now())) recording = recordNow();
    else warn('clock', {}, UNTRUSTED);
  }, everyMs);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await recording;
    },
  };
}

/**
 * What is stored is taken for right at the next start: no time is written down that the store does not believe, unless
 * others sent telemetry of the same time already, as after a long stop of the collector.
 */
function isTrusted(store: RecordingStore, nowMs: number): boolean {
  const knownMs = Math.max(store.ageNow(), store.stats().newestMs ?? -Infinity);
  return nowMs - knownMs <= MAX_LEAD_MS;
}

/** Answers how many samples were more than a record has. */
async function record(runtime: Runtime, store: RecordingStore): Promise<number> {
  const metrics = await readMetrics(runtime);
  const own = { job: 'plimsoll', instance: hostname() };
  const all = metrics.flatMap(({ name, values }) =>
    values.map(({ labels, value }) => ({ name, labels, value })),
  );
  const samples = all.slice(0, MAX_SERIES);
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
  return all.length - samples.length;
}

async function readMetrics({ metrics }: Runtime): Promise<OwnMetric[]> {
  const found: OwnMetric[] = [];
  for (const { name, type } of metrics.getMetricsAsArray()) {
    if (!['counter', 'gauge'].includes(String(type))) continue;
    if (SINCE_LAST_SCRAPE.has(name) || name.startsWith(OF_EACH_GROUP)) continue;
    const metric = await metrics.getSingleMetric(name)?.get();
    if (metric !== undefined) found.push(metric);
  }
  // Where it is too much, families of very many series lose some, and no other is missing.
  return found.sort((a, b) => a.values.length - b.values.length);
}

function textOf(labels: Partial<Record<string, string | number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, String(value)]));
}
