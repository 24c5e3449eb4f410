import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { SMTPServer } from 'smtp-server';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { EmailChannel, NotificationChannel, WebhookChannel } from '../config/config.ts';
import type { Runtime } from '../runtime.ts';
import { LIMITS } from './limits.ts';
import { type Notifier, startNotifier } from './start-notifier.ts';
import { TestDesk } from './test-desk.ts';

interface Received {
  readonly headers: IncomingMessage['headers'];
  readonly raw: string;
  readonly body: {
    status: string;
    groupKey: string;
    alerts: { status: string; labels: Record<string, string>; endsAt: string; fingerprint: string }[];
    plimsoll: { event: { topic: string; detail: string | null }; incident: { number: number } };
  };
}

let folder: string;
let log: string[];
let registry: Registry;
let desk: TestDesk;
let attemptTimeoutMs: number;
const cleanup: (() => unknown)[] = [];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-notify-'));
  desk = new TestDesk();
  attemptTimeoutMs = 5_000;
});

afterEach(async () => {
  for (const close of cleanup.splice(0).toReversed()) await close();
  rmSync(folder, { recursive: true });
});

function runtime(): Runtime {
  log = [];
  registry = new Registry();
  return {
    now: Date.now,
    log: pino({ level: 'trace' }, { write: (line: string) => void log.push(line) }),
    metrics: registry,
  };
}

function start(...channels: NotificationChannel[]): Notifier {
  const notifier = startNotifier({
    runtime: runtime(),
    desk,
    channels,
    path: path.join(folder, 'notifications.db'),
    externalUrl: 'http://monitor.example/',
    policy: { retryBaseMs: 10, retryMaxMs: 40, attemptTimeoutMs, stopGraceMs: 200 },
  });
  cleanup.push(() => notifier[Symbol.asyncDispose]());
  return notifier;
}

/** A receiver whose answers are taken from `answers`, then 200. `null` never answers. */
async function receiver(
  answers: (number | null)[] = [],
): Promise<{ received: Received[]; server: Server; url: string }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const raw = Buffer.concat(chunks).toString();
      received.push({ headers: request.headers, raw, body: JSON.parse(raw) as Received['body'] });
      const status = answers.length === 0 ? 200 : answers.shift();
      if (typeof status === 'number') response.writeHead(status, { location: '/elsewhere' }).end();
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanup.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    received,
    server,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook/very-secret-path`,
  };
}

function webhook(url: string, changes: Partial<WebhookChannel> = {}): WebhookChannel {
  return { kind: 'webhook', name: 'ops', url, hmacSecret: null, sendResolved: true, ...changes };
}

async function mailServer(refusals: number[] = []): Promise<{ mails: string[]; port: number }> {
  const mails: string[] = [];
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    authOptional: true,
    onAuth: ({ username, password }, _session, done) => {
      if (username === 'plimsoll' && password === 'hunter2') done(null, { user: username });
      else done(new Error('wrong password'));
    },
    onData: (stream, _session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const refusal = refusals.shift();
        if (refusal !== undefined) {
          done(Object.assign(new Error('not now'), { responseCode: refusal }));
          return;
        }
        mails.push(Buffer.concat(chunks).toString());
        done();
      });
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  cleanup.push(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
      }),
  );
  return { mails, port: (server.server.address() as AddressInfo).port };
}

function email(port: number, changes: Partial<EmailChannel> = {}): EmailChannel {
  return {
    kind: 'email',
    name: 'mail',
    smarthost: `127.0.0.1:${port}`,
    from: 'Plimsoll <plimsoll@monitor.example>',
    to: ['on-call@example.net'],
    authUsername: null,
    authPassword: null,
    requireTls: false,
    sendResolved: true,
    ...changes,
  };
}

function header(mail: string, name: string): string | undefined {
  const unfolded = mail.replaceAll(/\r\n[ \t]+/g, ' ');
  return new RegExp(`^${name}: (.*)$`, 'im').exec(unfolded)?.[1]?.trim();
}

async function settled(count: number): Promise<void> {
  await vi.waitFor(async () => {
    const values = (await registry.getSingleMetric('plimsoll_notifications_total')?.get())?.values ?? [];
    const done = values.filter(({ labels }) => labels['outcome'] !== 'retried');
    expect(done.reduce((sum, { value }) => sum + value, 0)).toBe(count);
  });
}

async function outcomes(): Promise<Record<string, number>> {
  const values = (await registry.getSingleMetric('plimsoll_notifications_total')?.get())?.values ?? [];
  return Object.fromEntries(values.map(({ labels, value }) => [String(labels['outcome']), value]));
}

describe('webhook', () => {
  test("tells an incident's story once, in order, as Alertmanager would, signed", async () => {
    const { received, url } = await receiver();
    start(webhook(url, { hmacSecret: 'shared-between-us' }));
    const id = desk.open({ title: 'Disk full on db-1' });
    desk.happen(id, 'incident.acknowledged');
    desk.happen(id, 'incident.assigned');
    desk.happen(id, 'incident.resolved');
    await settled(3);
    expect(received.map(({ body }) => [body.plimsoll.event.topic, body.status])).toEqual([
      ['opened', 'firing'],
      ['acknowledged', 'firing'],
      ['resolved', 'resolved'],
    ]);
    const [first, , last] = received;
    expect(first?.body).toMatchObject({
      version: '4',
      receiver: 'ops',
      truncatedAlerts: 0,
      externalURL: 'http://monitor.example/',
      alerts: [
        {
          labels: { alertname: 'Disk full on db-1', instance: 'db-1', severity: 'critical' },
          endsAt: '0001-01-01T00:00:00Z',
          generatorURL: 'http://monitor.example/incidents/1',
        },
      ],
      plimsoll: { incident: { id, number: 1 } },
    });
    expect(last?.body.alerts[0]?.endsAt).not.toBe('0001-01-01T00:00:00Z');
    expect(last?.body.alerts[0]?.fingerprint).toBe(first?.body.alerts[0]?.fingerprint);
    expect(new Set(received.map(({ headers }) => headers['idempotency-key'])).size).toBe(3);
    const digest = createHmac('sha256', 'shared-between-us')
      .update(first?.raw ?? '')
      .digest('hex');
    expect(first?.headers['x-plimsoll-signature']).toBe(`sha256=${digest}`);
  });

  test('tries again after 500, 429 and silence, with the same key and the same bytes', async () => {
    attemptTimeoutMs = 400;
    const { received, url } = await receiver([500, 429, null]);
    start(webhook(url));
    desk.open({});
    await settled(1);
    expect(received.length).toBeGreaterThanOrEqual(4);
    expect(new Set(received.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    expect(new Set(received.map(({ raw }) => raw)).size).toBe(1);
    expect(await outcomes()).toEqual({ retried: received.length - 1, sent: 1 });
  });

  test('refuses redirects and takes 4xx for final, without holding up others', async () => {
    const { received, url } = await receiver([302, 404]);
    start(webhook(url));
    desk.open({});
    desk.open({});
    desk.open({});
    await settled(3);
    expect(received).toHaveLength(3);
    expect(await outcomes()).toEqual({ rejected: 2, sent: 1 });
    expect(log.join('')).toContain('redirects are refused');
  });

  test('keeps messages over refused connections and a restart, and sends none twice', async () => {
    const { received, server, url } = await receiver();
    const { port } = server.address() as AddressInfo;
    const first = start(webhook(url));
    desk.open({});
    await settled(1);
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
    desk.open({});
    await vi.waitFor(async () => expect((await outcomes())['retried']).toBeGreaterThan(1));
    expect(log.join('')).toContain('ECONNREFUSED');
    await first[Symbol.asyncDispose]();
    cleanup.pop();
    desk.open({ title: 'Opened while nobody was listening' });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    start(webhook(url));
    await settled(2);
    expect(received.map(({ body }) => body.plimsoll.incident.number).toSorted((a, b) => a - b)).toEqual([
      1, 2, 3,
    ]);
  });

  test('loses nothing when its process is killed, and repeats only what was under way', async () => {
    const [incidents, kills, answered] = [40, 3, 2];
    const hanging = LIMITS.concurrentWebhooks;
    const round = [...Array<number>(answered).fill(200), ...Array<null>(hanging).fill(null)];
    const { received, url } = await receiver(Array.from({ length: kills }, () => round).flat());
    const program = fileURLToPath(new URL('./notifier-child.ts', import.meta.url));
    const startChild = (count: number): ChildProcess =>
      spawn(process.execPath, [program, path.join(folder, 'notifications.db'), url, String(count)]);
    for (let kill = 1; kill <= kills; kill++) {
      const child = startChild(kill === 1 ? incidents : 0);
      await vi.waitFor(() => expect(received).toHaveLength(kill * round.length), { timeout: 20_000 });
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    const child = startChild(0);
    cleanup.push(() => child.kill('SIGKILL'));
    const keys = () => new Set(received.map(({ headers }) => headers['idempotency-key']));
    await vi.waitFor(() => expect(received).toHaveLength(incidents + kills * hanging), { timeout: 20_000 });
    expect(keys().size).toBe(incidents);
  }, 100_000);

  test('tells a new channel nothing of the past, and a removed one nothing more', async () => {
    const { received, url } = await receiver();
    desk.open({});
    const notifier = start(webhook(url));
    desk.open({});
    await settled(1);
    expect(received[0]?.body.plimsoll.incident.number).toBe(2);
    await notifier.reload([]);
    desk.open({});
    await notifier.reload([webhook(url)]);
    desk.open({});
    await settled(2);
    expect(received.map(({ body }) => body.plimsoll.incident.number)).toEqual([2, 4]);
  });

  test('leaves resolutions out where they are not wanted', async () => {
    const { received, url } = await receiver();
    start(webhook(url, { sendResolved: false }));
    const id = desk.open({});
    desk.happen(id, 'incident.resolved');
    desk.happen(id, 'incident.reopened');
    await settled(2);
    expect(received.map(({ body }) => body.plimsoll.event.topic)).toEqual(['opened', 'reopened']);
  });

  test('says which clock runs out, when an incident becomes major, and when it was none', async () => {
    const { received, url } = await receiver();
    start(webhook(url));
    const id = desk.open({});
    const now = Date.now();
    desk.happen(id, 'incident.sla_warned', now, { service: 'orders-db', clock: 'response', percent: 75 });
    desk.happen(id, 'incident.sla_breached', now, { service: 'orders-db', clock: 'resolution' });
    desk.happen(id, 'incident.reprioritised', now, { major: false, note: 'less' });
    desk.happen(id, 'incident.reprioritised', now, { major: true, note: 'All shops are down' });
    desk.happen(id, 'incident.canceled', now, { note: 'A drill' });
    await settled(5);
    expect(received.map(({ body }) => [body.plimsoll.event.topic, body.plimsoll.event.detail])).toEqual([
      ['opened', null],
      ['sla_warning', '75 % of the response time agreed for orders-db are used'],
      ['sla_breached', 'the resolution time agreed for orders-db is over'],
      ['major', 'All shops are down'],
      ['canceled', 'A drill'],
    ]);
    expect(received.at(-1)?.body.status).toBe('resolved');
  });

  test('never logs an address, a password or a secret', async () => {
    const { received, url } = await receiver([500, 400]);
    const closed = await receiver();
    closed.server.close();
    await once(closed.server, 'close');
    start(
      webhook(url.replace('http://', 'http://robot:hunter2@'), { hmacSecret: 'shared-between-us' }),
      webhook(closed.url, { name: 'closed' }),
    );
    desk.open({});
    await vi.waitFor(() => expect(received).toHaveLength(2));
    await vi.waitFor(() => expect(log.join('')).toContain('ECONNREFUSED'));
    expect(received[0]?.headers.authorization).toBe(
      `Basic ${Buffer.from('robot:hunter2').toString('base64')}`,
    );
    expect(log.join('')).not.toMatch(/very-secret-path|hunter2|shared-between-us|robot/);
  });

  test('an impossible address is a configuration error and changes nothing', async () => {
    const { received, url } = await receiver();
    const notifier = start(webhook(url));
    await expect(notifier.reload([webhook('ftp://secret.example/x')])).rejects.toThrow(
      'The webhook of channel ops needs an http or https address.',
    );
    desk.open({});
    await settled(1);
    expect(received).toHaveLength(1);
  });

  test('gives up when the news is too old', async () => {
    const { url } = await receiver([503, 503, 503]);
    start(webhook(url));
    desk.open({}, Date.now() - 25 * 3_600_000);
    await settled(1);
    expect(await outcomes()).toEqual({ expired: 1 });
  });

  test('sends a storm of incidents within seconds', async () => {
    const { received, url } = await receiver();
    start(webhook(url));
    for (let i = 0; i < 1000; i++) desk.open({});
    await vi.waitFor(() => expect(received).toHaveLength(1000), { timeout: 30_000 });
    expect(new Set(received.map(({ headers }) => headers['idempotency-key'])).size).toBe(1000);
  }, 40_000);
});

describe('e-mail', () => {
  test('makes one thread of an incident, readable as text and as HTML', async () => {
    const { mails, port } = await mailServer();
    start(email(port, { authUsername: 'plimsoll', authPassword: 'hunter2' }));
    const id = desk.open({ title: 'Disk <full> on db-1' });
    desk.happen(id, 'incident.acknowledged');
    desk.happen(id, 'incident.resolved');
    await settled(3);
    const [opened, acknowledged, resolved] = mails;
    const root = header(opened ?? '', 'message-id');
    expect(root).toBe(`<incident.${id}@monitor.example>`);
    expect(header(opened ?? '', 'subject')).toBe('[P1 #1] Disk <full> on db-1');
    expect(header(opened ?? '', 'in-reply-to')).toBeUndefined();
    for (const reply of [acknowledged, resolved]) {
      expect(header(reply ?? '', 'in-reply-to')).toBe(root);
      expect(header(reply ?? '', 'references')).toBe(root);
      expect(header(reply ?? '', 'message-id')).not.toBe(root);
      expect(header(reply ?? '', 'subject')).toBe('Re: [P1 #1] Disk <full> on db-1');
    }
    expect(header(acknowledged ?? '', 'importance')).toBe('Low');
    expect(header(opened ?? '', 'auto-submitted')).toBe('auto-generated');
    expect(opened).toContain('http://monitor.example/incidents/1');
    expect(opened).toContain('Disk &lt;full&gt; on db-1');
    expect(opened).toContain('Content-Type: text/html');
  });

  test('tries again after 451, not after 550', async () => {
    const { mails, port } = await mailServer([451, 550]);
    start(email(port));
    const id = desk.open({});
    await vi.waitFor(async () => expect(await outcomes()).toEqual({ retried: 1, rejected: 1 }));
    desk.happen(id, 'incident.resolved');
    await settled(2);
    expect(mails).toHaveLength(1);
  });

  test('a refused sign-in is tried again and does not reach the log', async () => {
    const { mails, port } = await mailServer();
    const notifier = start(email(port, { authUsername: 'plimsoll', authPassword: 'old-secret' }));
    desk.open({});
    await vi.waitFor(async () => expect((await outcomes())['retried']).toBeGreaterThan(0));
    await notifier.reload([email(port, { authUsername: 'plimsoll', authPassword: 'hunter2' })]);
    await settled(1);
    expect(mails).toHaveLength(1);
    expect(log.join('')).not.toMatch(/old-secret|hunter2/);
  });
});
