import type { IncomingHttpHeaders } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { PlimsollError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { adviceOn, engineFaultOf } from '../telemetry/long-term/engine-fault.ts';
import { HttpClient, type HttpStream } from '../telemetry/remote/http-client.ts';

/** How long a server may take to begin its answer, milliseconds: Prometheus reads hours of everything in seconds. */
const ANSWER_TIMEOUT_MS = 300_000;
/** Waits before the tries after the first, milliseconds: together longer than a server's restart. */
const RETRY_DELAYS_MS = [250, 1_000, 3_000, 10_000, 20_000];
/** One is written to while another is read. */
const MAX_CONNECTIONS = 4;
/** How much of a server's error is passed on. */
const MAX_REASON_CHARACTERS = 500;

/** Of an answer that is no success. */
const MAX_REASON_BYTES = 64 * 1024;

/** A request to one server. */
export interface ServerRequest {
  /** Behind the server's address, such as "api/v1/read". */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** POSTed where given. */
  readonly body?: Uint8Array;
  /** Without it any answer is taken: it is read as it comes. */
  readonly maxAnswerBytes?: number;
}

/** An answer with a status that is no success. */
export class HttpStatusError extends Error {
  override readonly name = 'HttpStatusError';
  readonly status: number;
  /** What the server said. */
  readonly reason: string;
  readonly headers: IncomingHttpHeaders;

  constructor(url: string, { status, headers }: Pick<HttpStream, 'status' | 'headers'>, reason: string) {
    super(`${url} answers ${status}: ${reason}`);
    this.status = status;
    this.reason = reason;
    this.headers = headers;
  }
}

/**
 * Requests to a server that may be busy or away for a moment: those that failed for it are made again, once the server
 * has answered at all.
 */
export class ServerClient implements Disposable {
  readonly base: string;
  readonly #client: HttpClient;
  readonly #tokenFlag: string;
  readonly #log: Pick<Runtime['log'], 'warn'>;
  #hasAnswered = false;

  /** @param tokenFlag how people give the token, for messages. */
  constructor(base: string, token: string | null, tokenFlag: string, log: Pick<Runtime['log'], 'warn'>) {
    this.base = base.replace(/\/+$/, '');
    this.#client = new HttpClient(
      { 'user-agent': 'plimsoll', ...(token !== null && { authorization: `Bearer ${token}` }) },
      MAX_CONNECTIONS,
    );
    this.#tokenFlag = tokenFlag;
    this.#log = log;
  }

  [Symbol.dispose](): void {
    this.#client[Symbol.dispose]();
  }

  /**
   * A successful answer.
   *
   * @throws HttpStatusError for what the server will not do; PlimsollError 'unavailable' where it cannot for a while,
   * 'unauthenticated' where it asks for sign-in.
   */
  async send(request: ServerRequest, signal: AbortSignal): Promise<HttpStream> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#sendOnce(request, signal);
      } catch (error) {
        signal.throwIfAborted();
        const wait = RETRY_DELAYS_MS[attempt];
        const isPassing = error instanceof PlimsollError && error.code === 'unavailable';
        if (wait === undefined || !isPassing || !this.#hasAnswered) throw error;
        this.#log.warn({ attempt }, `${error.message}; it is asked again in ${wait / 1000} s`);
        await delay(wait, undefined, { signal });
      }
    }
  }

  async #sendOnce(request: ServerRequest, signal: AbortSignal): Promise<HttpStream> {
    const { path, maxAnswerBytes = Infinity, ...rest } = request;
    const url = `${this.base}/${path}`;
    let answer: HttpStream;
    // Only the answer's beginning is waited for this long: its end comes as fast as it is written elsewhere.
    const limit = new AbortController();
    const timer = setTimeout(
      () => limit.abort(new DOMException('no answer in time', 'TimeoutError')),
      ANSWER_TIMEOUT_MS,
    );
    try {
      const either = AbortSignal.any([signal, limit.signal]);
      answer = await this.#client.open({ ...rest, url, maxAnswerBytes, signal: either });
    } catch (error) {
      signal.throwIfAborted();
      const advice = adviceOn(engineFaultOf(PlimsollError.from(error, 'unavailable')));
      throw new PlimsollError(
        'unavailable',
        `no server answers at ${this.base} (${reasonOf(error)}): ${advice}`,
        { cause: error },
      );
    } finally {
      clearTimeout(timer);
    }
    this.#hasAnswered = true;
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw this.#failure(url, answer, await reasonText(answer.body));
  }

  #failure(url: string, answer: HttpStream, reason: string): Error {
    const { status } = answer;
    if (status === 401 || status === 403) {
      return new PlimsollError(
        'unauthenticated',
        `${url} asks for sign-in (${status}): give a bearer token with ${this.#tokenFlag}`,
      );
    }
    if (status >= 300 && status < 400) {
      const place = answer.headers.location ?? 'another place';
      return new PlimsollError(
        'failed_precondition',
        `${url} leads on to ${place} (${status}), which is not followed: give the address that it leads to`,
      );
    }
    if (status >= 500 || status === 429) {
      return new PlimsollError('unavailable', `${url} answers ${status}: ${reason}`);
    }
    return new HttpStatusError(url, answer, reason);
  }
}

/** The beginning of what a server says. */
async function reasonText(body: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of body) {
    parts.push(part);
    size += part.length;
    if (size > MAX_REASON_BYTES) break;
  }
  return Buffer.concat(parts).toString('utf8').trim().slice(0, MAX_REASON_CHARACTERS);
}

/** The innermost reason. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner = error.cause instanceof Error ? error.cause : error;
  // OpenSSL's messages have the place in its source; its reason is what people can use.
  if ('reason' in inner && typeof inner.reason === 'string') return inner.reason;
  if (inner instanceof AggregateError) return inner.errors.map(reasonOf).join(', ');
  return inner.message || inner.name;
}
