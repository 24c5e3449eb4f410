import type { MiddlewareHandler } from 'hono';
import { Counter } from 'prom-client';
import { LOG_REPEAT_MS } from '../limits.ts';
import { limitRepeats } from '../log-limit.ts';
import type { Runtime } from '../runtime.ts';
import { checkAccess } from '../security/check-access.ts';
import { problem, respondProblem } from './problem-json.ts';

/** Applies the access rules to every request before anything else sees it. */
export function accessMiddleware(externalUrl: string | null, runtime: Runtime): MiddlewareHandler {
  const refused = new Counter({
    name: 'plimsoll_http_requests_refused_total',
    help: 'HTTP requests refused by the access rules (Host, Origin, Sec-Fetch-Site, media type), by status.',
    labelNames: ['code'],
    registers: [runtime.metrics],
  });
  const warn = limitRepeats(runtime, LOG_REPEAT_MS);
  return async (context, next) => {
    const header = (name: string) => context.req.header(name) ?? null;
    const refusal = checkAccess(
      {
        method: context.req.method,
        path: context.req.path,
        host: header('host'),
        origin: header('origin'),
        secFetchSite: header('sec-fetch-site'),
        contentType: header('content-type'),
      },
      externalUrl,
    );
    if (refusal === null) return next();
    refused.inc({ code: refusal.status });
    warn(refusal.reason, { path: context.req.path, detail: refusal.detail }, 'a request was refused');
    const title = refusal.status === 415 ? 'Unsupported media type' : 'Not permitted';
    const code = refusal.status === 415 ? 'invalid_argument' : 'permission_denied';
    return respondProblem(context, problem(refusal.status, title, refusal.detail, code));
  };
}
