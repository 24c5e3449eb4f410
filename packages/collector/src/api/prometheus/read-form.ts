import type { Context } from 'hono';
import { MAX_FORM_BYTES } from '../limits.ts';
import { PrometheusError } from './prometheus-error.ts';
import { readBody } from '../read-body.ts';

const FORM = 'application/x-www-form-urlencoded';

/** The parameters of a request: those of a form body first, then those of the URL, as Go's `FormValue` has them. */
export async function readForm(context: Context): Promise<URLSearchParams> {
  const fromUrl = new URL(context.req.url).searchParams;
  if (context.req.method !== 'POST') return fromUrl;
  const type = (context.req.header('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type !== FORM) return fromUrl;
  const body = await readBody(context.req.raw, MAX_FORM_BYTES);
  if (body === null) {
    throw new PrometheusError(
      'bad_data',
      `error parsing form values: the body is larger than ${MAX_FORM_BYTES} bytes`,
    );
  }
  const form = new URLSearchParams(new TextDecoder().decode(body));
  for (const [name, value] of fromUrl) form.append(name, value);
  return form;
}
