import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { MiddlewareHandler } from 'hono';
import { MIN_GZIP_BYTES } from './limits.ts';

const gzipAsync = promisify(gzip);

/** Fast rather than small: most clients are on the same machine or network. */
export function compress(body: Uint8Array): Promise<Buffer<ArrayBuffer>> {
  return gzipAsync(body, { level: constants.Z_BEST_SPEED });
}

/** Compresses text answers for clients that take gzip. Streams and answers encoded already pass as they are. */
export const gzipMiddleware: MiddlewareHandler = async (context, next) => {
  await next();
  if (!acceptsGzip(context.req.header('accept-encoding'))) return;
  const { res } = context;
  const type = res.headers.get('content-type') ?? '';
  if (res.body === null || res.headers.has('content-encoding') || !isCompressible(type)) return;
  const body = Buffer.from(await res.arrayBuffer());
  const headers = new Headers(res.headers);
  headers.append('vary', 'accept-encoding');
  const small = body.length < MIN_GZIP_BYTES;
  if (!small) headers.set('content-encoding', 'gzip');
  headers.delete('content-length');
  context.res = undefined;
  context.res = new Response(small ? body : await compress(body), { status: res.status, headers });
};

/** Whether gzip is offered with a weight other than zero. */
export function acceptsGzip(header: string | undefined): boolean {
  return (header ?? '')
    .toLowerCase()
    .split(',')
    .some((offer) => /^\s*(?:gzip|\*)\s*(?:;|$)/.test(offer) && !/;\s*q=0(?:\.0*)?\s*$/.test(offer));
}

function isCompressible(type: string): boolean {
  return /^(?:application\/(?:json|problem\+json)|text\/(?!event-stream))/.test(type);
}
