import type { Transporter } from 'nodemailer';
import type { EmailChannel } from '../config/config.ts';
import { PlimsollError } from '../errors.ts';
import { DeliveryError } from './delivery-error.ts';
import { emailBody, emailSubject } from './email-text.ts';
import { idempotencyKey, type Message } from './message.ts';
import type { Send } from './send.ts';

const SMTPS_PORT = 465;
const SUBMISSION_PORT = 587;
/** nodemailer's code for a refused sign-in: someone can mend the password, so the message is kept. */
const AUTHENTICATION_FAILED = 'EAUTH';

/**
 * Sends a message by SMTP. All mails about an incident form one thread: its opening has the incident's Message-ID, the
 * others refer to it. The attempt is bounded by `timeoutMs` for connecting, greeting and silence, not by the signal: a
 * mail given up half-way may have been taken, and would come twice.
 *
 * @throws PlimsollError('configuration') when the smarthost is not host:port
 */
export function emailSender(channel: EmailChannel, externalUrl: string | null, timeoutMs: number): Send {
  const options = transportOptions(channel, timeoutMs);
  // Loaded with the first mail: most collectors send none.
  let transport: Promise<Transporter> | undefined;
  return async (message) => {
    try {
      transport ??= import('nodemailer').then(({ default: nodemailer }) =>
        nodemailer.createTransport(options),
      );
      await (await transport).sendMail({ ...envelope(message, channel), ...emailBody(message, externalUrl) });
    } catch (error) {
      throw deliveryError(error);
    }
  };
}

function transportOptions(
  { smarthost, authUsername, authPassword, requireTls, name }: EmailChannel,
  timeoutMs: number,
) {
  const url = URL.parse(`smtp://${smarthost}`);
  if (url === null || url.hostname === '')
    throw new PlimsollError('configuration', `The smarthost of channel ${name} is not host:port.`);
  const port = url.port === '' ? SUBMISSION_PORT : Number(url.port);
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port,
    secure: port === SMTPS_PORT,
    requireTLS: requireTls,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(authUsername === null ? {} : { auth: { user: authUsername, pass: authPassword ?? '' } }),
  };
}

function envelope(message: Message, channel: EmailChannel) {
  const { topic, incident, eventId } = message;
  const domain = /@([^\s<>@]+)>?\s*$/.exec(channel.from)?.[1] ?? 'plimsoll.invalid';
  const root = `<incident.${incident.id}@${domain}>`;
  const thread =
    topic === 'opened'
      ? { messageId: root }
      : { messageId: `<event.${eventId}@${domain}>`, inReplyTo: root, references: [root] };
  return {
    from: channel.from,
    to: [...channel.to],
    subject: emailSubject(message),
    ...thread,
    // Someone has it already: worth knowing, not worth a sound.
    ...(topic === 'acknowledged' ? { priority: 'low' as const } : {}),
    ...(incident.major && topic !== 'acknowledged' ? { priority: 'high' as const } : {}),
    headers: {
      'Auto-Submitted': 'auto-generated',
      'X-Plimsoll-Topic': topic,
      'X-Idempotency-Key': idempotencyKey(message, channel.name),
    },
  };
}

/** A 5xx answer is final, except to a sign-in; everything else may pass. The server's own words are not logged. */
function deliveryError(error: unknown): DeliveryError {
  const code = property(error, 'code');
  const response = property(error, 'responseCode');
  const final = typeof response === 'number' && response >= 500 && code !== AUTHENTICATION_FAILED;
  const reason = typeof code === 'string' ? code : 'could not be sent';
  const detail = typeof response === 'number' ? `${reason}, answered ${response}` : reason;
  return new DeliveryError(detail, { retryable: !final });
}

function property(error: unknown, name: 'code' | 'responseCode'): unknown {
  return error instanceof Error && name in error ? Reflect.get(error, name) : undefined;
}
