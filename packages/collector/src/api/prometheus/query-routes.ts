import { prettyExpression, selectorsOf } from '@plimsoll/promql';
import type { HttpBindings } from '@hono/node-server';
import { Hono, type Context as AnyContext } from 'hono';
import { answerQuery, type QueryServices } from './answer-query.ts';
import { describeExpression } from './describe-expression.ts';
import { MAX_TIME_MS, MIN_TIME_MS, timeParameter } from './parameters.ts';
import { asBadData, asParameter } from './parse-errors.ts';
import { PrometheusError } from './prometheus-error.ts';
import type { QueryEngine } from './query-engine.ts';
import { readForm } from './read-form.ts';
import { respond } from './respond.ts';

type Environment = { Bindings: HttpBindings };
type Context = AnyContext<Environment>;

/** /query, /query_range, /query_exemplars, /format_query and /parse_query. */
export function queryRoutes(services: QueryServices): Hono<Environment> {
  const routes = new Hono<Environment>();
  for (const kind of ['query', 'query_range'] as const) {
    routes.on(['GET', 'POST'], `/${kind}`, async (context) => {
      const json = await answerQuery(kind, await readForm(context), context.env.outgoing, services);
      return context.body(json.finish(), 200, { 'content-type': 'application/json' });
    });
  }
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
