import { isStaleMarker } from '@plimsoll/proto';
import { Labels, METRIC_NAME, type SeriesColumns } from '@plimsoll/promql';
import { Hono } from 'hono';
import type { TelemetryStore } from '../../telemetry/store.ts';
import { escapeName, type EscapingScheme, isClassicName, readEscapingScheme } from './escape-name.ts';
import { formatSample } from './format-sample.ts';
import { asBadData } from './parse-errors.ts';
import { PrometheusError } from './prometheus-error.ts';
import type { QueryEngine } from './query-engine.ts';

export interface FederateServices {
  readonly store: Pick<TelemetryStore, 'select' | 'metadata'>;
  readonly queries: Pick<QueryEngine, 'parseSelector'>;
  readonly now: () => number;
  readonly externalLabels: () => Readonly<Record<string, string>>;
}

/** How far back the newest sample of a series may lie, as in Prometheus by default. */
const LOOKBACK_MS = 300_000;

interface Newest {
  readonly labels: Labels;
  readonly value: number;
  readonly timestampMs: number;
}

/** GET /federate: the newest sample of the selected series in the text format, as another Prometheus scrapes it. */
export function federateRoute(services: FederateServices): Hono {
  const routes = new Hono();
  routes.get('/federate', async (context) => {
    const selectors = new URL(context.req.url).searchParams.getAll('match[]');
    const parsed = asBadData(() => selectors.map((selector) => services.queries.parseSelector(selector)));
    const endMs = services.now();
    const newest = new Map<string, Newest>();
    for (const matchers of parsed) {
      const found = await services.store.select({ matchers, startMs: endMs - LOOKBACK_MS, endMs });
      for (const series of found) {
        const sample = newestOf(series);
        if (sample !== null) newest.set(series.labels.key, sample);
      }
    }
    const scheme = readEscapingScheme(context.req.header('accept') ?? '');
    const version = scheme === 'allow-utf-8' ? '1.0.0' : '0.0.4';
    return context.body(exposition([...newest.values()], scheme, services), 200, {
      'content-type': `text/plain; version=${version}; charset=utf-8; escaping=${scheme}`,
    });
  });
  routes.onError((error, context) => {
    if (error instanceof PrometheusError) return context.text(`${error.message}\n`, 400);
    throw error;
  });
  return routes;
}

/** Null for a series that has ended, and for native histograms, which the text format cannot express. */
function newestOf({ labels, timestamps, values, histograms }: SeriesColumns): Newest | null {
  if (histograms?.at(-1) !== undefined) return null;
  const value = values.at(-1);
  const timestampMs = timestamps.at(-1);
  if (value === undefined || timestampMs === undefined || isStaleMarker(value)) return null;
  return { labels, value, timestampMs };
}

function exposition(samples: readonly Newest[], scheme: EscapingScheme, services: FederateServices): string {
  const external = Object.entries(services.externalLabels());
  let text = '';
  let family = '';
  for (const sample of samples.toSorted((a, b) => Labels.compare(a.labels, b.labels))) {
    const { name } = sample.labels;
    if (name === '') continue;
    if (name !== family) {
      text += `# TYPE ${quoteName(escapeName(name, scheme))} ${typeOf(services.store, name)}\n`;
    }
    family = name;
    text += `${sampleLine(sample, scheme, external)}\n`;
  }
  return text;
}

function sampleLine(
  { labels, value, timestampMs }: Newest,
  scheme: EscapingScheme,
  external: readonly (readonly [string, string])[],
): string {
  const own = [...labels.entries()].filter(([name]) => name !== METRIC_NAME);
  const added = external.filter(([name]) => !labels.has(name));
  // A scraper that honours labels keeps an instance that is there, and adds none where it is empty.
  const instance =
    labels.has('instance') || added.some(([name]) => name === 'instance') ? [] : [['instance', ''] as const];
  const pairs = [...own, ...added, ...instance].map(
    ([name, text]) => `${quoteName(escapeName(name, scheme))}="${escapeValue(text)}"`,
  );
  const metric = escapeName(labels.name, scheme);
  const isClassic = isClassicName(metric);
  const inside = isClassic ? pairs : [quoteName(metric), ...pairs];
  return `${isClassic ? metric : ''}{${inside.join(',')}} ${formatSample(value)} ${timestampMs}`;
}

/** Counters and gauges keep their type; the series of a histogram or summary apart have none. */
function typeOf(store: FederateServices['store'], name: string): string {
  const type = store.metadata(name)[0]?.type;
  return type === 'counter' || type === 'gauge' ? type : 'untyped';
}

function quoteName(name: string): string {
  return isClassicName(name) ? name : `"${escapeValue(name)}"`;
}

function escapeValue(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
