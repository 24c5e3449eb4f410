import { Hono, type Context } from 'hono';
import { Labels, type Matcher } from '@plimsoll/promql';
import type { TelemetryStore } from '../../telemetry/store.ts';
import { limitParameter, MAX_TIME_MS, MIN_TIME_MS, timeParameter } from './parameters.ts';
import { PrometheusError } from './prometheus-error.ts';
import type { QueryEngine } from './query-engine.ts';
import { asBadData, asParameter } from './parse-errors.ts';
import { readForm } from './read-form.ts';
import { type Notes, respond, respondJson } from './respond.ts';

export interface SeriesRouteServices {
  readonly store: Pick<TelemetryStore, 'series' | 'labelNames' | 'labelValues' | 'metadata'>;
  readonly queries: Pick<QueryEngine, 'parseSelector'>;
}

interface Scope {
  readonly selectors: readonly (readonly Matcher[])[];
  readonly startMs: number;
  readonly endMs: number;
  readonly limit: number;
}

/** /series, /labels, /label/{name}/values and /metadata. */
export function seriesRoutes({ store, queries }: SeriesRouteServices): Hono {
  const routes = new Hono();
  routes.on(['GET', 'POST'], '/series', async (context) => {
    const form = await readForm(context);
    if (form.getAll('match[]').length === 0) {
      throw new PrometheusError('bad_data', 'no match[] parameter provided');
    }
    const scope = readScope(form, queries, asMatchParameter);
    const found = await store.series(scope.selectors, scope.startMs, scope.endMs);
    // As in Prometheus: what several selectors find is merged in order, what one finds comes as it is stored.
    const ordered = scope.selectors.length > 1 ? found.toSorted((a, b) => Labels.compare(a, b)) : found;
    const { items, notes } = cut(ordered, scope.limit);
    return respondJson(context, encodeLabelSets(items), notes);
  });
  routes.on(['GET', 'POST'], '/labels', async (context) => {
    const scope = readScope(await readForm(context), queries, asBadData);
    const names = await store.labelNames(scope.selectors, scope.startMs, scope.endMs);
    return answerNames(context, names, scope.limit);
  });
  routes.get('/label/:name/values', async (context) => {
    const name = unescapeLabelName(context.req.param('name'));
    const scope = readScope(await readForm(context), queries, asBadData);
    const values = await store.labelValues(name, scope.selectors, scope.startMs, scope.endMs);
    return answerNames(context, values, scope.limit);
  });
  routes.get('/metadata', async (context) => metadata(context, store));
  return routes;
}

/** How the failure of a selector is told: /series names the parameter, the others do not. */
type SelectorErrors = <T>(parse: () => T) => T;

function asMatchParameter<T>(parse: () => T): T {
  return asParameter('match[]', parse);
}

function readScope(
  form: URLSearchParams,
  queries: Pick<QueryEngine, 'parseSelector'>,
  inErrors: SelectorErrors,
): Scope {
  const limit = limitParameter(form);
  const startMs = timeParameter(form, 'start', MIN_TIME_MS);
  const endMs = timeParameter(form, 'end', MAX_TIME_MS);
  const selectors = form.getAll('match[]').map((selector) =>
    inErrors(() => {
      const matchers = queries.parseSelector(selector);
      if (matchers.every(matchesEmpty)) {
        throw new Error('match[] must contain at least one non-empty matcher');
      }
      return matchers;
    }),
  );
  return { selectors, startMs, endMs, limit };
}

/** Whether a matcher can be met by an absent label, judged without running a regular expression of the client's. */
function matchesEmpty(matcher: Matcher): boolean {
  const { type, value } = matcher;
  if (type === '=') return value === '';
  if (type === '!=') return value !== '';
  const regularExpressionTakesEmpty = value === '' || value === '.*';
  return type === '=~' ? regularExpressionTakesEmpty : !regularExpressionTakesEmpty;
}

function answerNames(context: Context, found: readonly string[], limit: number): Response {
  const { items, notes } = cut(found.toSorted(), limit);
  return respond(context, items, notes);
}

function cut<T>(found: readonly T[], limit: number): { items: readonly T[]; notes: Notes } {
  if (limit === 0 || found.length <= limit) return { items: found, notes: {} };
  return { items: found.slice(0, limit), notes: { warnings: ['results truncated due to limit'] } };
}

function encodeLabelSets(sets: readonly Labels[]): string {
  return `[${sets.map(({ json }) => json).join(',')}]`;
}

/** `U__` begins a name escaped for URLs: `_2e_` is a dot, `__` an underscore. */
function unescapeLabelName(name: string): string {
  if (name === '') throw new PrometheusError('bad_data', 'invalid label name: ""');
  if (!name.startsWith('U__')) return name;
  return name.slice(3).replaceAll(/_(?:_|([0-9a-fA-F]{1,6})_)/g, (whole, hex: string | undefined) => {
    if (hex === undefined) return '_';
    const point = Number.parseInt(hex, 16);
    return point <= 0x10_ffff ? String.fromCodePoint(point) : whole;
  });
}

async function metadata(context: Context, store: SeriesRouteServices['store']): Promise<Response> {
  const form = await readForm(context);
  const limit = countParameter(form, 'limit');
  const perMetric = countParameter(form, 'limit_per_metric');
  const families = store.metadata(form.get('metric') || undefined);
  const data = new Map<string, { type: string; unit: string; help: string }[]>();
  for (const { family, type, unit, help } of families) {
    const entries = data.get(family);
    if (entries === undefined) {
      if (limit < 0 || data.size < limit) data.set(family, [{ type, unit, help }]);
    } else if (perMetric <= 0 || entries.length < perMetric) {
      entries.push({ type, unit, help });
    }
  }
  return respond(context, Object.fromEntries(data));
}

function countParameter(form: URLSearchParams, name: string): number {
  const text = form.get(name) ?? '';
  if (text === '') return -1;
  if (!/^[+-]?\d+$/.test(text)) throw new PrometheusError('bad_data', `${name} must be a number`);
  return Number(text);
}
