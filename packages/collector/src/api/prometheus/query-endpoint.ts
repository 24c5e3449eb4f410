import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { AdminToken } from '../../security/admin-token.ts';
import { checkAccess } from '../../security/check-access.ts';
import { identify } from '../../security/identify.ts';
import { acceptsGzip, compress } from '../gzip-middleware.ts';
import type { HttpMetrics } from '../http-metrics.ts';
import { MIN_GZIP_BYTES } from '../limits.ts';
import { SECURITY_HEADERS } from '../security-headers.ts';
import { answerQuery, type QueryKind, type QueryServices } from './answer-query.ts';
import { logUnexpected } from './log-unexpected.ts';
import { readIncomingForm } from './read-form.ts';
import { describeError } from './respond.ts';

/** Answers a request if it is one it knows, and tells whether it does. */
export type Endpoint = (incoming: IncomingMessage, outgoing: ServerResponse) => boolean;

export interface QueryEndpointServices extends QueryServices {
  readonly externalUrl: string | null;
  readonly adminToken: AdminToken;
  readonly httpMetrics: HttpMetrics;
  readonly log: Logger;
}

const KINDS: Readonly<Record<string, QueryKind>> = {
  '/api/v1/query': 'query',
  '/api/v1/query_range': 'query_range',
};
const HEADERS: readonly string[] = [...SECURITY_HEADERS.flat(), 'content-type', 'application/json'];

/**
 * Answers queries straight from Node's server: dashboards send them by the thousand, and the way through the framework
 * costs as much as a small query. What it does not answer itself goes that way, refusals too.
 */
export function queryEndpoint(services: QueryEndpointServices): Endpoint {
  return (incoming, outgoing) => {
    const { method, url = '', headers } = incoming;
    const query = url.indexOf('?');
    const path = query < 0 ? url : url.slice(0, query);
    const kind = KINDS[path];
    if (kind === undefined || (method !== 'GET' && method !== 'POST')) return false;
    if (!isWelcome(headers.authorization, services.adminToken)) return false;
    const access = {
      method,
      path,
      host: headers.host ?? null,
      origin: headers.origin ?? null,
      secFetchSite: oneOf(headers['sec-fetch-site']),
      contentType: headers['content-type'] ?? null,
    };
    if (checkAccess(access, services.externalUrl) !== null) return false;
    void answer(kind, path, incoming, outgoing, services);
    return true;
  };
}

/** Queries are anybody's who may come in at all. */
function isWelcome(authorization: string | undefined, adminToken: AdminToken): boolean {
  try {
    identify(authorization ?? null, adminToken);
    return true;
  } catch {
    return false;
  }
}

function oneOf(header: string | string[] | undefined): string | null {
  return typeof header === 'string' ? header : (header?.[0] ?? null);
}

async function answer(
  kind: QueryKind,
  path: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  services: QueryEndpointServices,
): Promise<void> {
  const startedAt = performance.now();
  let status = 200;
  let body: Uint8Array | string;
  try {
    body = (await answerQuery(kind, await readIncomingForm(incoming), outgoing, services)).finish();
  } catch (error) {
    logUnexpected(services.log, error, path);
    ({ status, body } = describeError(error));
  }
  services.httpMetrics.observe(path, status, (performance.now() - startedAt) / 1000);
  await send(outgoing, status, body, acceptsGzip(incoming.headers['accept-encoding']));
}

async function send(
  outgoing: ServerResponse,
  status: number,
  text: Uint8Array | string,
  gzip: boolean,
): Promise<void> {
  const body = typeof text === 'string' ? Buffer.from(text) : text;
  const headers = gzip ? [...HEADERS, 'vary', 'accept-encoding'] : HEADERS;
  if (!gzip || body.length < MIN_GZIP_BYTES) {
    outgoing.writeHead(status, [...headers, 'content-length', String(body.length)]).end(body);
    return;
  }
  const packed = await compress(body);
  const length = ['content-encoding', 'gzip', 'content-length', String(packed.length)];
  outgoing.writeHead(status, [...headers, ...length]).end(packed);
}
