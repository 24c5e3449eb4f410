import {
  documentedType,
  type Expression,
  prettyExpression,
  type QueryStats,
  type QueryValue,
  selectorsOf,
  valueTypeOf,
} from '@plimsoll/promql';
import type { HttpBindings } from '@hono/node-server';
import { Hono, type Context as AnyContext } from 'hono';
import { MAX_RANGE_POINTS } from '../limits.ts';
import { withDeadline } from '../with-deadline.ts';
import { describeExpression } from './describe-expression.ts';
import { encodeValue } from './encode-value.ts';
import {
  limitParameter,
  optionalDuration,
  requiredDuration,
  requiredTime,
  timeParameter,
  MAX_TIME_MS,
  MIN_TIME_MS,
} from './parameters.ts';
import { PrometheusError } from './prometheus-error.ts';
import type { QueryEngine, QueryRequest } from './query-engine.ts';
import type { JsonBuffer } from './json-buffer.ts';
import type { QueryGate } from './query-gate.ts';
import { readForm } from './read-form.ts';
import { respond, respondEncoded } from './respond.ts';

type Environment = { Bindings: HttpBindings };
type Context = AnyContext<Environment>;

export interface QueryRouteServices {
  /** Shared by everything that runs clients' queries. */
  readonly gate: QueryGate;
  readonly queries: QueryEngine;
  readonly now: () => number;
  /** The longest a query may take, milliseconds; a request's own `timeout` can only shorten it. */
  readonly queryTimeoutMs: number;
}

const TRUNCATED = 'results truncated due to limit';

/** /query, /query_range, /query_exemplars, /format_query and /parse_query. */
export function queryRoutes(services: QueryRouteServices): Hono<Environment> {
  const routes = new Hono<Environment>();
  routes.on(['GET', 'POST'], '/query', (context) => instantQuery(context, services));
  routes.on(['GET', 'POST'], '/query_range', (context) => rangeQuery(context, services));
  routes.on(['GET', 'POST'], '/query_exemplars', (context) => exemplars(context, services.queries));
  routes.on(['GET', 'POST'], '/format_query', async (context) => {
    const expression = (await readForm(context)).get('query') ?? '';
    return respond(
      context,
      asParameter('query', () => prettyExpression(services.queries.parse(expression))),
    );
  });
  routes.on(['GET', 'POST'], '/parse_query', async (context) => {
    const expression = (await readForm(context)).get('query') ?? '';
    return respond(
      context,
      asParameter('query', () => describeExpression(services.queries.parse(expression))),
    );
  });
  return routes;
}

async function instantQuery(context: Context, services: QueryRouteServices): Promise<Response> {
  const form = await readForm(context);
  const limit = limitParameter(form);
  const timeMs = timeParameter(form, 'time', services.now());
  return run(context, form, limit, services, { startMs: timeMs, endMs: timeMs, stepMs: 0 });
}

async function rangeQuery(context: Context, services: QueryRouteServices): Promise<Response> {
  const form = await readForm(context);
  const limit = limitParameter(form);
  const startMs = requiredTime(form, 'start');
  const endMs = requiredTime(form, 'end');
  if (endMs < startMs) {
    throw PrometheusError.invalidParameter('end', 'end timestamp must not be before start time');
  }
  const stepMs = requiredDuration(form, 'step');
  if (stepMs < 1) {
    throw PrometheusError.invalidParameter(
      'step',
      'zero or negative query resolution step widths are not accepted. Try a positive integer',
    );
  }
  if (Math.floor((endMs - startMs) / stepMs) > MAX_RANGE_POINTS) {
    throw new PrometheusError(
      'bad_data',
      'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
    );
  }
  return run(context, form, limit, services, { startMs, endMs, stepMs: Math.trunc(stepMs) });
}

async function run(
  context: Context,
  form: URLSearchParams,
  limit: number,
  services: QueryRouteServices,
  range: Pick<QueryRequest, 'startMs' | 'endMs' | 'stepMs'>,
): Promise<Response> {
  const timeoutMs = Math.min(optionalDuration(form, 'timeout') ?? Infinity, services.queryTimeoutMs);
  const lookbackMs = optionalDuration(form, 'lookback_delta');
  const text = form.get('query') ?? '';
  const startedAt = performance.now();
  const expression = asParameter('query', () => {
    const parsed = services.queries.parse(text);
    if (range.stepMs > 0) checkRangeType(parsed);
    return parsed;
  });
  const preparedAt = performance.now();
  const answer = await withDeadline(context, timeoutMs, (signal) => {
    const request = { text, expression, ...range, lookbackMs, timeoutMs, signal };
    return services.gate.run(() => services.queries.query(request), signal);
  });
  const truncated = truncate(answer.value, limit);
  const timings = { startedAt, preparedAt, finishedAt: performance.now() };
  const statistics = statisticsJson(form.get('stats') ?? '', answer.stats, timings);
  const encode = (json: JsonBuffer): void => {
    json.text('{');
    encodeValue(json, truncated.value);
    json.text(`${statistics}}`);
  };
  return respondEncoded(context, encode, {
    warnings: truncated.cut ? [...answer.warnings, TRUNCATED] : answer.warnings,
    infos: answer.infos,
  });
}

/** In Prometheus' words, and before anything is read. */
function checkRangeType(expression: Expression): void {
  const type = valueTypeOf(expression);
  if (type === 'scalar' || type === 'vector') return;
  throw new Error(
    `invalid expression type "${documentedType(type)}" for range query, must be Scalar or instant Vector`,
  );
}

function truncate(value: QueryValue, limit: number): { value: QueryValue; cut: boolean } {
  if (limit === 0) return { value, cut: false };
  if (value.type === 'vector' && value.labels.length > limit) {
    return { value: { ...value, labels: value.labels.slice(0, limit) }, cut: true };
  }
  if (value.type === 'matrix' && value.series.length > limit) {
    return { value: { ...value, series: value.series.slice(0, limit) }, cut: true };
  }
  return { value, cut: false };
}

function statisticsJson(
  wanted: string,
  { samplesRead, peakSamples }: QueryStats,
  times: { readonly startedAt: number; readonly preparedAt: number; readonly finishedAt: number },
): string {
  if (wanted === '') return '';
  const { startedAt, preparedAt, finishedAt } = times;
  const evaluation = (finishedAt - preparedAt) / 1000;
  const statistics = {
    timings: {
      evalTotalTime: evaluation,
      resultSortTime: 0,
      queryPreparationTime: (preparedAt - startedAt) / 1000,
      innerEvalTime: evaluation,
      execQueueTime: 0,
      execTotalTime: (finishedAt - startedAt) / 1000,
    },
    samples: { totalQueryableSamples: samplesRead, peakSamples },
  };
  return `,"stats":${JSON.stringify(statistics)}`;
}

/** Exemplars are not stored: every valid request answers an empty list. */
async function exemplars(context: Context, queries: QueryEngine): Promise<Response> {
  const form = await readForm(context);
  const startMs = timeParameter(form, 'start', MIN_TIME_MS);
  if (timeParameter(form, 'end', MAX_TIME_MS) < startMs) {
    throw new PrometheusError('bad_data', 'end timestamp must not be before start timestamp');
  }
  const expression = asBadData(() => queries.parse(form.get('query') ?? ''));
  return selectorsOf(expression).length === 0 ? context.body(null, 204) : respond(context, []);
}

/** Runs a parse; its failure is one of the parameter, in Prometheus' words. */
export function asParameter<T>(name: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw PrometheusError.invalidParameter(name, error instanceof Error ? error.message : String(error));
  }
}

/** Runs a parse; its failure is told as it is. */
export function asBadData<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new PrometheusError('bad_data', error instanceof Error ? error.message : String(error), {
      cause: error,
    });
  }
}
