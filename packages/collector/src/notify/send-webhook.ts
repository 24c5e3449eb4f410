import { createHmac } from 'node:crypto';
import type { WebhookChannel } from '../config/config.ts';
import { PlimsollError } from '../errors.ts';
import { DeliveryError } from './delivery-error.ts';
import { idempotencyKey, type Message } from './message.ts';
import { LIMITS } from './limits.ts';
import type { Send } from './send.ts';
import { webhookBody } from './webhook-body.ts';

/** Answers after which the same request may succeed later. */
const PASSING = new Set([408, 425, 429]);

/**
 * Posts a message to a webhook. With a secret, `X-Plimsoll-Signature: sha256=<hex>` is the HMAC-SHA256 of the body's
 * bytes. `Idempotency-Key` is the same for every attempt. A redirect is an error: it would carry the incident, and the
 * signature, to an address nobody configured.
 *
 * @throws PlimsollError('configuration') when the address is none; the message does not repeat it
 */
export function webhookSender(channel: WebhookChannel, externalUrl: string | null): Send {
  const target = webhookTarget(channel);
  return async (message, signal) => {
    const body = Buffer.from(webhookBody(message, { channel: channel.name, externalUrl }));
    const response = await fetch(target.url, {
      method: 'POST',
      redirect: 'manual',
      headers: { ...target.headers, ...headersOf(message, channel, body) },
      body,
      signal,
    });
    await response.body?.cancel();
    if (response.ok) return;
    throw new DeliveryError(describeStatus(response.status), {
      retryable: response.status >= 500 || PASSING.has(response.status),
      retryAfterMs: retryAfterMs(response.headers.get('retry-after')),
    });
  };
}

function headersOf(message: Message, channel: WebhookChannel, body: Buffer): Record<string, string> {
  const signature =
    channel.hmacSecret === null
      ? {}
      : {
          'x-plimsoll-signature': `sha256=${createHmac('sha256', channel.hmacSecret).update(body).digest('hex')}`,
        };
  return {
    'content-type': 'application/json',
    'user-agent': 'Plimsoll',
    'idempotency-key': idempotencyKey(message, channel.name),
    'x-plimsoll-topic': message.topic,
    ...signature,
  };
}

/** User and password in an address become a header: fetch refuses such addresses, and names them in its error. */
function webhookTarget(channel: WebhookChannel): { url: string; headers: Record<string, string> } {
  const url = URL.parse(channel.url);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new PlimsollError(
      'configuration',
      `The webhook of channel ${channel.name} needs an http or https address.`,
    );
  if (url.username === '' && url.password === '') return { url: url.href, headers: {} };
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  url.username = '';
  url.password = '';
  return {
    url: url.href,
    headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
  };
}

function describeStatus(status: number): string {
  return status >= 300 && status < 400 ? `answered ${status}: redirects are refused` : `answered ${status}`;
}

/** Only the form in seconds is honoured, and never longer than our own longest wait. */
function retryAfterMs(header: string | null): number | undefined {
  if (header === null || !/^\d{1,6}$/.test(header)) return undefined;
  return Math.min(Number(header) * 1000, LIMITS.retryMaxMs);
}
