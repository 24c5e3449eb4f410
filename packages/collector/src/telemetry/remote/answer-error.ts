import { PlimsollError } from '../../errors.ts';
import { type HttpAnswer, withoutSecrets } from './http-client.ts';
import { MAX_SERVER_MESSAGE } from './remote-options.ts';

/** What the server refuses because of the data itself. */
const DATA_REFUSED: ReadonlySet<number> = new Set([400, 413, 422]);
/** What a proxy says of a server behind it that may have gone down: not that server's own answer. */
const PROXY: ReadonlySet<number> = new Set([502, 503, 504]);
/** What a changed setting cures, on this side or that. */
const SETTINGS: ReadonlySet<number> = new Set([401, 403, 404, 405, 406, 415, 501]);

/** What a status other than 2xx means for a write. */
export function writeError(url: string, answer: HttpAnswer): PlimsollError {
  const { status } = answer;
  const said = `${withoutSecrets(url)} answered ${status}: ${serverText(answer)}`;
  const details = { answered: !PROXY.has(status), status, ...retryAfter(answer) };
  if (DATA_REFUSED.has(status)) return new PlimsollError('invalid_argument', said, { details });
  const hint = SETTINGS.has(status) || (status >= 300 && status < 400) ? '; check storage.remote' : '';
  return new PlimsollError('unavailable', said + hint, { details });
}

/** What a status other than 2xx means for a read. */
export function readError(url: string, answer: HttpAnswer): PlimsollError {
  const said = `${withoutSecrets(url)} answered ${answer.status}: ${serverText(answer)}`;
  const hint = SETTINGS.has(answer.status) ? '; check storage.remote.query_url' : '';
  return new PlimsollError('unavailable', `older telemetry cannot be read: ${said}${hint}`, {
    details: { status: answer.status },
  });
}

/** For an answer that makes no sense. */
export function garbage(url: string, what: string, cause?: unknown): PlimsollError {
  return new PlimsollError(
    'unavailable',
    `${withoutSecrets(url)} answered what a Prometheus-compatible server would not (${what}): is the address right?`,
    { cause, details: { answered: true, notThisApi: true } },
  );
}

function serverText({ body }: HttpAnswer): string {
  const text = body.subarray(0, MAX_SERVER_MESSAGE).toString('utf8');
  return text.replaceAll(/\s+/g, ' ').trim();
}

/** Seconds, or a date. */
function retryAfter({ headers }: HttpAnswer): { retryAfterMs?: number } {
  const written = headers['retry-after'];
  if (written === undefined) return {};
  const seconds = Number(written);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(written) - Date.now();
  return Number.isFinite(ms) && ms > 0 ? { retryAfterMs: ms } : {};
}
