import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { PlimsollError } from '../errors.ts';
import { MAX_HTTP_CONNECTIONS } from './limits.ts';
import { formatListenAddress, type ListenAddress } from '../security/listen-address.ts';

export interface HttpServer extends AsyncDisposable {
  /** The bound address, `host:port`. */
  readonly address: string;
  /** `http://host:port`. */
  readonly url: string;
}

export interface HttpServerOptions {
  /** Looks at each request first, and may answer it. */
  readonly endpoint?: (incoming: IncomingMessage, outgoing: ServerResponse) => boolean;
  readonly app: { fetch(request: Request, bindings: HttpBindings): Response | Promise<Response> };
  readonly listenAddress: ListenAddress;
  /** Requests under way at a stop may take this long before their connections are cut, milliseconds. */
  readonly drainMs?: number;
}

const DRAIN_MS = 5_000;
/** How soon a connection that became idle during a stop is closed, milliseconds. */
const SWEEP_MS = 20;
/** A request's headers must have arrived within this time, milliseconds: slow senders would hold sockets for ever. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 60_000;

/** Listens; resolves when connections are accepted. Throws `unavailable` when the address cannot be bound. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { endpoint } = options;
  const { host, port } = options.listenAddress;
  const listener = getRequestListener(
    // The server below speaks HTTP/1.1 only.
    (request, bindings) => options.app.fetch(request, bindings as HttpBindings),
    { overrideGlobalObjects: true },
  );
  const server = createServer(
    { headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS, keepAliveTimeout: 65_000 },
    (request, response) => {
      if (endpoint?.(request, response) !== true) void listener(request, response);
    },
  );
  server.maxConnections = MAX_HTTP_CONNECTIONS;
  await listen(server, host, port);
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('a TCP server has an address and a port');
  const address = formatListenAddress({ host: bound.address, port: bound.port });
  return {
    address,
    url: `http://${address}`,
    [Symbol.asyncDispose]: () => stop(server, options.drainMs ?? DRAIN_MS),
  };
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  server.listen({ port, ...(host === '' ? {} : { host }) });
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new PlimsollError(
      'unavailable',
      `cannot listen on --web.listen-address=${formatListenAddress({ host, port })}: ${reason(error)}`,
      { cause: error },
    );
  }
}

function reason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  if (code === 'EADDRINUSE') return 'the port is in use; stop the other program or choose another port';
  if (code === 'EACCES') return 'ports below 1024 need a privilege; choose a higher one';
  return error instanceof Error ? error.message : String(error);
}

async function stop(server: Server, drainMs: number): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  // A connection whose last answer has been sent becomes idle later: it would be kept for its next request.
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  const cut = setTimeout(() => server.closeAllConnections(), drainMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(cut);
}
