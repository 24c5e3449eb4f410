import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { PlimsollError } from '../../errors.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** An answer whose content is still on its way. */
export interface HttpStream extends Omit<HttpAnswer, 'body'> {
  /** Fails as `send` does. Who reads no further ends the connection. */
  readonly body: AsyncIterable<Buffer>;
}

export interface HttpRequest {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** POSTed where given, else the request is a GET. */
  readonly body?: Uint8Array;
  readonly maxAnswerBytes: number;
  readonly signal?: AbortSignal | undefined;
}

/** Requests over connections that stay open, and word of those that ended without the server saying so. */
export class HttpClient implements Disposable {
  readonly #headers: Readonly<Record<string, string>>;
  readonly #agents: { readonly http: HttpAgent; readonly https: HttpsAgent };
  readonly #watched = new WeakSet<Socket>();
  readonly #polite = new WeakSet<Socket>();
  #lostAtMs: number | null = null;
  #closed = false;

  constructor(headers: Readonly<Record<string, string>>, maxSockets: number) {
    const options = { keepAlive: true, maxSockets };
    this.#headers = headers;
    this.#agents = { http: new HttpAgent(options), https: new HttpsAgent(options) };
  }

  /**
   * When, on the monotonic clock, a connection broke off first since this was last asked; null where none did. The server
   * may have been started anew.
   */
  takeLost(): number | null {
    const lostAtMs = this.#lostAtMs;
    this.#lostAtMs = null;
    return lostAtMs;
  }

  /** Resolves with any complete answer, whatever its status. Rejects with PlimsollError 'unavailable'. */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    const answer = await this.open(request);
    return { ...answer, body: await readAll(answer.body) };
  }

  /** Resolves as soon as an answer begins, whatever its status. Rejects with PlimsollError 'unavailable'. */
  open(request: HttpRequest): Promise<HttpStream> {
    const { promise, resolve, reject } = Promise.withResolvers<HttpStream>();
    const { url, body, signal, maxAnswerBytes } = request;
    const secure = url.startsWith('https:');
    const faultOf = (error: unknown): unknown => failure(url, error, signal);
    const outgoing = (secure ? httpsRequest : httpRequest)(
      url,
      {
        method: body === undefined ? 'GET' : 'POST',
        headers: { ...this.#headers, ...request.headers, ...(body && { 'content-length': body.length }) },
        agent: secure ? this.#agents.https : this.#agents.http,
        ...(signal && { signal }),
      },
      (incoming) => {
        if (incoming.headers.connection === 'close') this.#polite.add(incoming.socket);
        const { statusCode = 0, headers } = incoming;
        resolve({ status: statusCode, headers, body: content(incoming, maxAnswerBytes, faultOf) });
      },
    );
    outgoing.on('socket', (socket) => this.#watch(socket));
    outgoing.on('error', (error) => reject(faultOf(error) as Error));
    outgoing.end(body);
    return promise;
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#agents.http.destroy();
    this.#agents.https.destroy();
  }

  #watch(socket: Socket): void {
    if (this.#watched.has(socket)) return;
    this.#watched.add(socket);
    socket.once('close', () => {
      if (!this.#polite.has(socket) && !this.#closed) this.#lostAtMs ??= performance.now();
    });
  }
}

/** Reads content whole. */
export async function readAll(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts);
}

async function* content(
  incoming: IncomingMessage,
  maxBytes: number,
  faultOf: (error: unknown) => unknown,
): AsyncGenerator<Buffer, void> {
  let size = 0;
  try {
    for await (const part of incoming) {
      const bytes: Buffer = part;
      size += bytes.length;
      if (size > maxBytes) {
        throw new PlimsollError(
          'resource_exhausted',
          `the answer is larger than ${maxBytes} bytes: ask for less time or fewer series`,
        );
      }
      yield bytes;
    }
  } catch (error) {
    throw faultOf(error);
  }
}

/** Whoever gave up knows why; a request that took too long or broke off is the server's. */
function failure(url: string, error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted !== true) return unavailable(url, error);
  const reason: unknown = signal.reason;
  return reason instanceof Error && reason.name === 'TimeoutError' ? unavailable(url, reason) : reason;
}

function unavailable(url: string, reason: unknown): PlimsollError {
  if (reason instanceof PlimsollError) return reason;
  const message = reasonText(reason);
  return new PlimsollError('unavailable', `${withoutSecrets(url)} does not answer: ${message}`, {
    cause: reason,
  });
}

/** Where several addresses of a name were tried, the message is in what became of each. */
function reasonText(reason: unknown): string {
  if (reason instanceof AggregateError && reason.message === '')
    return reason.errors.map(reasonText).join(', ');
  return reason instanceof Error ? reason.message : String(reason);
}

/** A URL as it may be shown. */
export function withoutSecrets(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}
