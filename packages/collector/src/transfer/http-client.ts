import { setTimeout as delay } from 'node:timers/promises';
import { PlimsollError } from '../errors.ts';

/** How long a server may take to begin its answer, milliseconds: Prometheus reads hours of everything in seconds. */
const ANSWER_TIMEOUT_MS = 300_000;
/** Waits before the tries after the first, milliseconds: together longer than a server's restart. */
const RETRY_DELAYS_MS = [250, 1_000, 3_000, 10_000, 20_000];
/** How much of a server's error is passed on. */
const MAX_REASON_CHARACTERS = 500;

/** A request to one server. */
export interface HttpRequest {
  /** Behind the server's address, such as "api/v1/read". */
  readonly path: string;
  readonly method: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
}

/** An answer with a status that is no success. */
export class HttpStatusError extends Error {
  override readonly name = 'HttpStatusError';
  readonly status: number;
  /** What the server said. */
  readonly reason: string;

  constructor(url: string, status: number, reason: string) {
    super(`${url} answers ${status}: ${reason}`);
    this.status = status;
    this.reason = reason;
  }
}

/**
 * Requests to a server that may be busy or away for a moment: those that failed for it are made again, once the server
 * has answered at all.
 */
export class HttpClient {
  readonly base: string;
  readonly #token: string | null;
  readonly #tokenFlag: string;
  #hasAnswered = false;

  /** @param tokenFlag how people give the token, for messages. */
  constructor(base: string, token: string | null, tokenFlag: string) {
    this.base = base.replace(/\/+$/, '');
    this.#token = token;
    this.#tokenFlag = tokenFlag;
  }

  /**
   * A successful answer.
   *
   * @throws HttpStatusError for what the server will not do; PlimsollError 'unavailable' where it cannot for a while,
   * 'unauthenticated' where it asks for sign-in.
   */
  async send(request: HttpRequest, signal: AbortSignal): Promise<Response> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#sendOnce(request, signal);
      } catch (error) {
        signal.throwIfAborted();
        const wait = RETRY_DELAYS_MS[attempt];
        const isPassing = error instanceof PlimsollError && error.code === 'unavailable';
        if (wait === undefined || !isPassing || !this.#hasAnswered) throw error;
        await delay(wait, undefined, { signal });
      }
    }
  }

  async #sendOnce({ path, method, headers, body }: HttpRequest, signal: AbortSignal): Promise<Response> {
    const url = `${this.base}/${path}`;
    let response: Response;
    // Only the answer's beginning is waited for this long: its end comes as fast as it is written elsewhere.
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(new Error('no answer in time')), ANSWER_TIMEOUT_MS);
    try {
      response = await fetch(url, {
        method,
        headers: {
          'user-agent': 'plimsoll',
          ...headers,
          ...(this.#token === null ? {} : { authorization: `Bearer ${this.#token}` }),
        },
        ...(body === undefined ? {} : { body }),
        redirect: 'error',
        signal: AbortSignal.any([signal, limit.signal]),
      });
    } catch (error) {
      throw new PlimsollError(
        'unavailable',
        `no server answers at ${this.base} (${reasonOf(error)}): is it running, and is the address right?`,
        { cause: error },
      );
    } finally {
      clearTimeout(timer);
    }
    this.#hasAnswered = true;
    if (response.ok) return response;
    const reason = (await response.text()).trim().slice(0, MAX_REASON_CHARACTERS);
    throw this.#failure(url, response.status, reason);
  }

  #failure(url: string, status: number, reason: string): Error {
    if (status === 401 || status === 403) {
      return new PlimsollError(
        'unauthenticated',
        `${url} asks for sign-in (${status}): give a bearer token with ${this.#tokenFlag}`,
      );
    }
    if (status >= 500 || status === 429) {
      return new PlimsollError('unavailable', `${url} answers ${status}: ${reason}`);
    }
    return new HttpStatusError(url, status, reason);
  }
}

/** The innermost reason: fetch itself only says that it failed. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || error.cause.name : error.message;
}
