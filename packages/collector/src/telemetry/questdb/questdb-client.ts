import { PlimsollError } from '../../errors.ts';
import { DEFAULT_READ_DEADLINE_MS, MAX_WHOLE_ANSWER_BYTES } from './limits.ts';
import type { QuestdbCredentials, QuestdbOptions } from './questdb-options.ts';
import { readRows, type RowSink } from './read-rows.ts';

/** Answers of the server that mean "not for you". */
const REFUSALS: ReadonlySet<number> = new Set([401, 403]);

/** What the server says about itself on /settings. */
export interface ServerSettings {
  readonly version: string;
  readonly acceptsWrites: boolean;
  readonly lineProtocols: readonly number[];
}

/** Speaks SQL with the server over HTTP. Every request ends by its deadline or the caller's signal. */
export class QuestdbClient {
  readonly url: URL;
  readonly #headers: Record<string, string>;
  readonly #deadlineMs: number;

  constructor(options: QuestdbOptions) {
    this.url = new URL(options.url);
    this.#headers = authorization(options.credentials);
    this.#deadlineMs = options.readDeadlineMs ?? DEFAULT_READ_DEADLINE_MS;
  }

  /** Runs a statement and answers all its rows. */
  async query(sql: string, signal?: AbortSignal): Promise<readonly (readonly unknown[])[]> {
    return this.#attempt(sql, signal, async (response) => {
      const { dataset } = (await readJson(response)) as { dataset?: readonly (readonly unknown[])[] };
      return dataset ?? [];
    });
  }

  /**
   * Runs a statement whose first column is a whole number, followed by `doubles` columns of doubles and then texts, and
   * hands its rows on as they come.
   */
  async stream(sql: string, doubles: number, sink: RowSink, signal?: AbortSignal): Promise<void> {
    await this.#attempt(sql, signal, async (response) => {
      if (response.body !== null) await readRows(response.body, doubles, sink);
    });
  }

  async settings(signal?: AbortSignal): Promise<ServerSettings> {
    const answer = (await this.#request('/settings', signal, readJson)) as {
      config?: Record<string, unknown>;
    };
    const config = answer.config ?? {};
    const version = config['release.version'];
    const list = (key: string): readonly unknown[] => (Array.isArray(config[key]) ? config[key] : []);
    return {
      version: typeof version === 'string' ? version : 'of unknown release',
      acceptsWrites: list('accepting.writes').includes('http'),
      lineProtocols: list('line.proto.support.versions').map(Number),
    };
  }

  async #attempt<T>(
    sql: string,
    signal: AbortSignal | undefined,
    read: (response: Response) => Promise<T>,
  ): Promise<T> {
    return this.#request(`/exec?nm=true&query=${encodeURIComponent(sql)}`, signal, read);
  }

  /** Asks once more where no answer began: a kept connection may have ended with the server it led to. */
  async #fetch(url: URL, signal: AbortSignal): Promise<Response> {
    const request = { headers: this.#headers, redirect: 'error', signal } as const;
    try {
      return await fetch(url, request);
    } catch {
      signal.throwIfAborted();
      return fetch(url, request);
    }
  }

  async #request<T>(
    path: string,
    signal: AbortSignal | undefined,
    read: (response: Response) => Promise<T>,
  ): Promise<T> {
    const deadline = AbortSignal.timeout(this.#deadlineMs);
    const either = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
    try {
      const response = await this.#fetch(new URL(path, this.url), either);
      if (!response.ok) throw await refusal(response, this.url);
      return await read(response);
    } catch (error) {
      if (error instanceof PlimsollError || signal?.aborted === true) throw error;
      const why = deadline.aborted ? `no answer in ${this.#deadlineMs} ms` : messageOf(error);
      throw new PlimsollError('unavailable', `QuestDB at ${this.url.origin}: ${why}`, { cause: error });
    }
  }
}

/** The headers that carry the credentials. */
function authorization(credentials: QuestdbCredentials | null): Record<string, string> {
  if (credentials === null) return {};
  if ('token' in credentials) return { authorization: `Bearer ${credentials.token}` };
  const pair = Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64');
  return { authorization: `Basic ${pair}` };
}

async function refusal(response: Response, url: URL): Promise<PlimsollError> {
  const text = (await response.text()).slice(0, 1000);
  if (REFUSALS.has(response.status)) {
    return new PlimsollError(
      'configuration',
      `QuestDB at ${url.origin} refuses our credentials (HTTP ${response.status}): check user and password, or token`,
      { details: { answered: true, status: response.status } },
    );
  }
  let reason = text;
  try {
    reason = (JSON.parse(text) as { error?: string }).error?.trim() ?? text;
  } catch {
    // Not every answer is JSON; its text says as much.
  }
  return new PlimsollError('unavailable', `QuestDB at ${url.origin}: HTTP ${response.status}, ${reason}`, {
    details: { answered: true, status: response.status },
  });
}

async function readJson(response: Response): Promise<unknown> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > MAX_WHOLE_ANSWER_BYTES) {
      throw new PlimsollError(
        'resource_exhausted',
        `an answer of QuestDB is larger than ${MAX_WHOLE_ANSWER_BYTES} bytes: narrow the selector or the time range`,
      );
    }
    parts.push(part);
  }
  return JSON.parse(Buffer.concat(parts).toString('utf8'));
}

/** Fetch hides the reason in the cause. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
