import { readError } from './answer-error.ts';
import type { HttpClient } from './http-client.ts';
import { MAX_ANSWER_BYTES } from './remote-options.ts';

/** Asks a read address with a form: selectors can be longer than an address may be. */
export async function postForm(
  client: HttpClient,
  url: string,
  form: URLSearchParams,
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  const answer = await client.send({
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: Buffer.from(form.toString()),
    maxAnswerBytes: MAX_ANSWER_BYTES,
    signal,
  });
  if (answer.status !== 200) throw readError(url, answer);
  return answer.body;
}
