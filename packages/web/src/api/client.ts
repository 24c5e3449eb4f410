/** What went wrong with a request: `status` 0 means that no answer came at all. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
  }
}

export const apiBase = '/api/plimsoll/v1';
const requestTimeoutMs = 20_000;

/** Fetches JSON; every failure becomes an {@link ApiError} with a sentence fit to be shown. */
async function fetchJson<T>(url: string, init: RequestInit = {}): Promise<T> {
  const timeout = AbortSignal.timeout(requestTimeoutMs);
  const signal = init.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
  let response: Response;
  try {
    response = await fetch(url, { ...init, signal });
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    const why = timeout.aborted
      ? `did not answer within ${requestTimeoutMs / 1000} s`
      : 'cannot be reached; is it running?';
    throw new ApiError(0, 'unreachable', `The collector ${why}`);
  }
  const text = await response.text();
  if (!response.ok) throw errorFromAnswer(response.status, text);
  return parse(text, response.status) as T;
}

export function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  return fetchJson<T>(path, signal ? { signal } : {});
}

export interface PostOptions {
  /** Lets the request outlive the page, for a write that is sent while the page is being left. */
  readonly keepalive?: boolean;
}

export function postJson<T>(path: string, body: unknown, options: PostOptions = {}): Promise<T> {
  return fetchJson<T>(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    keepalive: options.keepalive ?? false,
  });
}

function parse(text: string, status: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError(status, 'not_json', 'The answer is not JSON; is another server listening here?');
  }
}

/** Reads problem+json (`title`, `detail`, `code`) and Prometheus' `{status, errorType, error}`. */
export function errorFromAnswer(status: number, text: string): ApiError {
  let fields: Record<string, unknown> = {};
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) fields = parsed as Record<string, unknown>;
  } catch {
    fields = {};
  }
  const pick = (...names: string[]) => {
    for (const name of names) {
      const value = fields[name];
      if (typeof value === 'string' && value !== '') return value;
    }
    return undefined;
  };
  const message = pick('detail', 'error', 'title') ?? `The collector answered with status ${status}`;
  return new ApiError(status, pick('code', 'errorType') ?? 'unknown', message);
}
