import type { IncomingMessage } from 'node:http';
import type { Context } from 'hono';
import { MAX_FORM_BYTES } from '../limits.ts';
import { PrometheusError } from './prometheus-error.ts';
import { readBody, readChunks } from '../read-body.ts';

const FORM = 'application/x-www-form-urlencoded';

/** The parameters of a request: those of a form body first, then those of the URL, as Go's `FormValue` has them. */
export function readForm(context: Context): Promise<URLSearchParams> {
  const { req } = context;
  return mergeForm(new URL(req.url).searchParams, req.method, req.header('content-type'), () =>
    readBody(req.raw, MAX_FORM_BYTES),
  );
}

/** The same for a request as Node has it. */
export function readIncomingForm(incoming: IncomingMessage): Promise<URLSearchParams> {
  const { url = '', method = 'GET', headers } = incoming;
  const query = url.indexOf('?');
  const fromUrl = new URLSearchParams(query < 0 ? '' : url.slice(query + 1));
  return mergeForm(fromUrl, method, headers['content-type'], () =>
    readChunks(incoming, Number(headers['content-length'] ?? 0), MAX_FORM_BYTES),
  );
}

async function mergeForm(
  fromUrl: URLSearchParams,
  method: string,
  contentType: string | undefined,
  body: () => Promise<Uint8Array | null>,
): Promise<URLSearchParams> {
  if (method !== 'POST') return fromUrl;
  if ((contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() !== FORM) return fromUrl;
  const bytes = await body();
  if (bytes === null) {
    throw new PrometheusError(
      'bad_data',
      `error parsing form values: the body is larger than ${MAX_FORM_BYTES} bytes`,
    );
  }
  const form = new URLSearchParams(new TextDecoder().decode(bytes));
  for (const [name, value] of fromUrl) form.append(name, value);
  return form;
}
