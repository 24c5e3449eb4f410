import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { PlimsollError } from '../../errors.ts';
import { DEFAULT_WRITE_DEADLINE_MS } from './limits.ts';
import type { QuestdbOptions } from './questdb-options.ts';

/** Sends lines and resolves when the server has acknowledged them. */
export type PostLines = (lines: Buffer, signal: AbortSignal) => Promise<void>;

/**
 * A connection for one write through the client library's HTTP transport. The transport knows neither signals nor a
 * deadline for the whole; its agent is ours, and destroying that ends whatever is under way. It tries nothing again:
 * that is the forwarder's work.
 */
export async function withConnection(
  options: QuestdbOptions,
  signal: AbortSignal,
  write: (post: PostLines, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const url = new URL(options.url);
  const deadlineMs = options.writeDeadlineMs ?? DEFAULT_WRITE_DEADLINE_MS;
  const deadline = AbortSignal.timeout(deadlineMs);
  const either = AbortSignal.any([signal, deadline]);
  const agent = url.protocol === 'https:' ? new HttpsAgent(AGENT) : new HttpAgent(AGENT);
  const ended = new Promise<never>((_, reject) => {
    either.addEventListener('abort', () => reject(either.reason as Error), { once: true });
  });
  // Where the write ends first nobody waits for this any more.
  ended.catch(() => undefined);
  try {
    either.throwIfAborted();
    const transport = await makeTransport(options, url, agent, deadlineMs);
    const post: PostLines = async (lines) => {
      await Promise.race([transport.send(lines), ended]);
    };
    await write(post, either);
  } catch (error) {
    if (error instanceof PlimsollError || signal.aborted) throw error;
    throw toUnavailable(error, url, deadline.aborted ? deadlineMs : null);
  } finally {
    agent.destroy();
  }
}

const AGENT = { keepAlive: true, maxSockets: 1 };

/** The library is loaded at first use: who keeps telemetry elsewhere does not pay for it. */
async function makeTransport(
  { credentials }: QuestdbOptions,
  url: URL,
  agent: HttpAgent | HttpsAgent,
  deadlineMs: number,
) {
  const { createTransport, SenderOptions } = await import('@questdb/nodejs-client');
  const secure = url.protocol === 'https:';
  const address = `addr=${url.hostname}:${url.port || (secure ? '443' : '80')}`;
  const settings = `protocol_version=2;stdlib_http=on;auto_flush=off;retry_timeout=0;request_timeout=${deadlineMs}`;
  const senderOptions = new SenderOptions(`${secure ? 'https' : 'http'}::${address};${settings};`, {
    agent,
    log: () => undefined,
  });
  // Not in the configuration text, where their characters would have to be escaped.
  if (credentials !== null && 'token' in credentials) senderOptions.token = credentials.token;
  else if (credentials !== null) Object.assign(senderOptions, credentials);
  return createTransport(senderOptions);
}

function toUnavailable(error: unknown, url: URL, deadlineMs: number | null): PlimsollError {
  const message = error instanceof Error ? error.message : String(error);
  const status = Number(/statusCode=(\d{3})/.exec(message)?.[1] ?? 0);
  const why =
    deadlineMs !== null
      ? `no acknowledgement in ${deadlineMs} ms`
      : status > 0
        ? `it answered a write with HTTP ${status}; its own log says why`
        : message;
  return new PlimsollError('unavailable', `QuestDB at ${url.origin}: ${why}`, {
    cause: error,
    ...(status > 0 && deadlineMs === null && { details: { answered: true, status } }),
  });
}
