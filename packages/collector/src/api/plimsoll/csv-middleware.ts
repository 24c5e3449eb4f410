import type { MiddlewareHandler } from 'hono';
import { toCsv } from './to-csv.ts';

/** Answers lists as CSV to clients whose Accept header names text/csv. The next page is in a Link header. */
export const csvMiddleware: MiddlewareHandler = async (context, next) => {
  await next();
  const { res } = context;
  const wanted = /(?:^|,)\s*text\/csv\s*(?:;|,|$)/i.test(context.req.header('accept') ?? '');
  if (!wanted || !res.ok || !(res.headers.get('content-type') ?? '').startsWith('application/json')) return;
  const answer: unknown = await res.clone().json();
  const items: unknown =
    typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'items') : undefined;
  if (typeof answer !== 'object' || answer === null || !Array.isArray(items)) return;
  const headers = new Headers(res.headers);
  headers.set('content-type', 'text/csv; charset=utf-8');
  headers.delete('content-length');
  headers.append('vary', 'accept');
  const cursor: unknown = Reflect.get(answer, 'nextCursor');
  if (typeof cursor === 'string') {
    const url = new URL(context.req.url);
    url.searchParams.set('cursor', cursor);
    headers.set('link', `<${url.pathname}${url.search}>; rel="next"`);
  }
  context.res = undefined;
  context.res = new Response(toCsv(items), { status: res.status, headers });
};
