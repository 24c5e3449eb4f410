import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Signal } from '../desk/signal.ts';
import { AlertPusher } from './alert-pusher.ts';
import { registerAlertmanagerMetrics } from './alertmanager-metrics.ts';
import { PUSH_RETRY_MS, RESEND_DELAY_MS, RESOLVED_RETENTION_MS } from './limits.ts';
import { OwnAlerts } from './own-alerts.ts';

const T0 = Date.UTC(2026, 5, 1);
interface Received {
  readonly labels: Record<string, string>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL: string;
}

let server: Server;
let received: Received[][];
let status: number;
let nowMs: number;
let own: OwnAlerts;
let metrics: Registry;
let pusher: AlertPusher;
let target: { url: string; timeoutMs: number };

beforeEach(async () => {
  received = [];
  status = 200;
  nowMs = T0;
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      received.push(JSON.parse(body) as Received[]);
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  target = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v2/alerts`,
    timeoutMs: 5_000,
  };
  own = new OwnAlerts({ externalUrl: 'http://plimsoll.example/', externalLabels: () => ({ site: 'x' }) });
  metrics = new Registry();
  const runtime = { now: () => nowMs, log: pino({ level: 'silent' }), metrics };
  pusher = new AlertPusher(runtime, own, registerAlertmanagerMetrics(metrics));
  await pusher.reload([target]);
});
afterEach(async () => {
  await pusher[Symbol.asyncDispose]();
  server.closeAllConnections();
  server.close();
});

const base = {
  rule: { file: 'f.yml', group: 'g', name: 'Hot' },
  expression: 't > 90',
  labels: { alertname: 'Hot', instance: 'a' },
  uncertaintyMs: 0,
};
const breach = (instance = 'a'): Signal => ({
  ...base,
  kind: 'breach',
  labels: { ...base.labels, instance },
  annotations: { summary: 'hot' },
  value: 95,
  threshold: 90,
  onsetAtMs: T0 - 1000,
  detectedAtMs: T0,
  evaluatedAtMs: nowMs,
});
const recovery = (): Signal => ({
  ...base,
  kind: 'recovery',
  evaluatedAtMs: nowMs,
  recoveredAtMs: nowMs - 500,
});

async function counted(name: string): Promise<number> {
  const metric = await metrics.getSingleMetric(name)?.get();
  return metric?.values[0]?.value ?? 0;
}
/** Ticks and waits until the requests it starts are answered and noted. */
async function tick(requests: number): Promise<void> {
  const before = (await counted('plimsoll_alertmanager_failures_total')) + received.length;
  pusher.tick();
  await vi.waitFor(async () => {
    const done = (await counted('plimsoll_alertmanager_failures_total')) + received.length;
    if (done < before + requests) throw new Error('not yet');
  });
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}
/** A tick that must send nothing: the next request shows whether one was on its way. */
const quiet = () => pusher.tick();

describe('alerts sent to an Alertmanager', () => {
  it('carry the external labels, their expression and an end four resends ahead', async () => {
    own.note(breach());
    await tick(1);
    expect(received).toEqual([
      [
        {
          labels: { site: 'x', alertname: 'Hot', instance: 'a' },
          annotations: { summary: 'hot' },
          startsAt: new Date(T0 - 1000).toISOString(),
          endsAt: new Date(T0 + 4 * RESEND_DELAY_MS).toISOString(),
          generatorURL: 'http://plimsoll.example/graph?g0.expr=t%20%3E%2090&g0.tab=1',
        },
      ],
    ]);
  });

  it('are sent again each minute, with a later end', async () => {
    own.note(breach());
    await tick(1);
    await vi.waitFor(async () => expect(await counted('plimsoll_alertmanager_alerts_sent_total')).toBe(1));
    nowMs += RESEND_DELAY_MS - 1;
    own.note(breach());
    quiet();
    nowMs += 1;
    await tick(1);
    expect(received).toHaveLength(2);
    expect(received[1]?.[0]?.endsAt).toBe(new Date(nowMs + 4 * RESEND_DELAY_MS).toISOString());
  });

  it('tell their end at once, and again for a quarter of an hour', async () => {
    own.note(breach());
    await tick(1);
    await vi.waitFor(async () => expect(await counted('plimsoll_alertmanager_alerts_sent_total')).toBe(1));
    nowMs += 1000;
    own.note(recovery());
    await tick(1);
    expect(received[1]?.[0]?.endsAt).toBe(new Date(nowMs - 500).toISOString());
    const recoveredMs = nowMs;
    for (let minute = 1; minute <= 15; minute++) {
      await vi.waitFor(async () =>
        expect(await counted('plimsoll_alertmanager_alerts_sent_total')).toBe(minute + 1),
      );
      nowMs = recoveredMs + minute * RESEND_DELAY_MS;
      own.tick(nowMs);
      await tick(1);
    }
    expect(received).toHaveLength(17);
    nowMs = recoveredMs + RESOLVED_RETENTION_MS + 1;
    own.tick(nowMs);
    expect(own.all()).toEqual([]);
  });

  it('never tell an end nobody knew the beginning of', () => {
    own.note(recovery());
    expect(own.all()).toEqual([]);
  });

  it('are tried again after a failure, which is counted', async () => {
    status = 500;
    own.note(breach());
    await tick(1);
    await vi.waitFor(async () => expect(await counted('plimsoll_alertmanager_failures_total')).toBe(1));
    quiet();
    status = 200;
    nowMs += PUSH_RETRY_MS;
    await tick(1);
    expect(received).toHaveLength(2);
    await vi.waitFor(async () => expect(await counted('plimsoll_alertmanager_alerts_sent_total')).toBe(1));
  });

  it('go in batches', async () => {
    for (let host = 0; host < 130; host++) own.note(breach(`h${host}`));
    await tick(3);
    expect(received.map(({ length }) => length)).toEqual([64, 64, 2]);
  });

  it('stop for a target that a reload takes away', async () => {
    expect(pusher.urls).toEqual([target.url]);
    await pusher.reload([]);
    own.note(breach());
    pusher.tick();
    expect(pusher.urls).toEqual([]);
    expect(received).toEqual([]);
  });
});
