import type { Context } from 'hono';
import { MAX_ALERTS_BYTES } from '../limits.ts';
import { readBody } from '../read-body.ts';
import { AlertmanagerError } from './alertmanager-error.ts';

/** The JSON body of a write; `name` is what Alertmanager calls it in its errors. */
export async function readJson(context: Context, name: string): Promise<unknown> {
  const type = context.req.header('content-type') ?? '';
  const mediaType = type.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (mediaType !== 'application/json') {
    const message = `unsupported media type "${mediaType}", only [application/json] are allowed`;
    throw AlertmanagerError.malformed(415, message);
  }
  const body = await readBody(context.req.raw, MAX_ALERTS_BYTES);
  if (body === null) {
    throw AlertmanagerError.malformed(
      413,
      `the body is larger than ${MAX_ALERTS_BYTES} bytes: send fewer alerts at once`,
    );
  }
  if (body.length === 0) throw AlertmanagerError.malformed(422, `${name} in body is required`, 602);
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch (error) {
    throw unreadable(name, error instanceof Error ? error.message : String(error));
  }
}

export function unreadable(name: string, reason: string): AlertmanagerError {
  return AlertmanagerError.malformed(400, `parsing ${name} body from "" failed, because ${reason}`);
}
