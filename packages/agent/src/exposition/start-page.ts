import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { StartError } from '../start-error.ts';
import { refuseRequest } from './check-request.ts';
import { TEXT_FORMAT } from './text-page.ts';

// An import of this module evaluates every one of its exports, WebSocket among them, which loads an HTTP client of
// 8 MiB that the agent never uses.
const { createServer } = process.getBuiltinModule('node:http');
const compress = promisify(gzip);
const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '::1']);

export interface PageParts {
  /** `host:port`; the host must be this machine itself. */
  readonly listenAddress: string;
  readonly metrics: () => Promise<string>;
  /** Whether collections are being made. */
  readonly isReady: () => boolean;
}

export interface Page extends AsyncDisposable {
  readonly url: string;
}

/** Serves the agent's own page. @throws StartError when the address is taken, or is not on loopback. */
export async function startPage(parts: PageParts): Promise<Page> {
  const { host, port } = readAddress(parts.listenAddress);
  const server = createServer((request, response) => {
    void answer(request, response, parts).catch(() => response.destroy());
  });
  await listen(server, host, port, parts.listenAddress);
  const bound = server.address();
  const boundPort = typeof bound === 'object' && bound !== null ? bound.port : port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${boundPort}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function readAddress(address: string): { host: string; port: number } {
  const [, host = '', port = ''] = /^(.*):(\d{1,5})$/.exec(address) ?? [];
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  if (!LOOPBACK.has(bare)) {
    throw new StartError(
      'configuration',
      `the agent's page cannot listen on ${address}: it has no sign-in and is for this host only; give 127.0.0.1:PORT`,
    );
  }
  return { host: bare, port: Number(port) };
}

async function listen(server: Server, host: string, port: number, address: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(port, host, resolve);
  try {
    await promise;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new StartError('runtime', `the agent's page cannot listen on ${address}: ${message}`, {
      cause: error,
    });
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, parts: PageParts): Promise<void> {
  response.setHeader('content-type', 'text/plain; charset=utf-8');
  response.setHeader('x-content-type-options', 'nosniff');
  const refused = refuseRequest(request.headers);
  if (refused !== undefined) {
    response.writeHead(403).end(`${refused}\n`);
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end('only GET and HEAD\n');
    return;
  }
  switch ((request.url ?? '/').replace(/\?.*$/, '')) {
    case '/metrics':
      await sendMetrics(request, response, await parts.metrics());
      return;
    case '/-/healthy':
      response.end('healthy\n');
      return;
    case '/-/ready':
      response.writeHead(parts.isReady() ? 200 : 503).end(parts.isReady() ? 'ready\n' : 'not ready\n');
      return;
    case '/':
      response.end('Plimsoll agent: /metrics, /-/healthy, /-/ready\n');
      return;
    default:
      response.writeHead(404).end('not found\n');
  }
}

async function sendMetrics(request: IncomingMessage, response: ServerResponse, text: string): Promise<void> {
  response.setHeader('content-type', TEXT_FORMAT);
  response.setHeader('vary', 'accept-encoding');
  if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) {
    response.end(text);
    return;
  }
  response.setHeader('content-encoding', 'gzip');
  response.end(await compress(text));
}
