import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { expect, it, vi } from 'vitest';
import { openAlertmanager } from '../alertmanager/open-alertmanager.ts';
import { loadConfig } from '../config/load-config.ts';
import { breach, testDesk } from '../desk/testing.ts';
import { startNotifier } from './start-notifier.ts';

it('withholds, counts and notes what a silence covers, and nothing else', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-muting-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rmSync(folder, { recursive: true }));
  const told: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { alerts } = JSON.parse(body) as { alerts: { labels: Record<string, string> }[] };
      told.push(alerts[0]?.labels['instance'] ?? '');
      response.end();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  stack.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  const bench = stack.use(await testDesk());
  const { desk } = bench;
  const metrics = new Registry();
  const runtime = { now: () => bench.nowMs, log: pino({ level: 'silent' }), metrics };
  const { file } = await loadConfig({
    flags: {},
    env: {},
    readFile: () => Promise.reject(new Error('none')),
  });
  const alertmanager = stack.use(
    openAlertmanager({ runtime, desk, storagePath: folder, config: file, externalUrl: 'http://x' }),
  );
  const { port } = server.address() as AddressInfo;
  const hook = { kind: 'webhook', hmacSecret: null, sendResolved: true } as const;
  const url = `http://127.0.0.1:${port}/`;
  stack.use(
    startNotifier({
      runtime,
      desk,
      channels: [
        { ...hook, name: 'one', url },
        { ...hook, name: 'two', url },
      ],
      path: path.join(folder, 'notifications.db'),
      externalUrl: null,
      muting: alertmanager.muting,
    }),
  );
  alertmanager.silences.set(
    {
      id: null,
      matchers: [{ name: 'instance', value: 'db-1', isRegex: false, isEqual: true }],
      startsAtMs: bench.nowMs,
      endsAtMs: bench.nowMs + 60_000,
      createdBy: 'ada',
      comment: 'disk swap',
    },
    bench.nowMs,
  );
  for (const instance of ['db-1', 'db-2']) {
    await desk.signal(breach(bench.nowMs, { labels: { alertname: 'Full', instance, severity: 'critical' } }));
  }
  await vi.waitFor(() => expect(told).toEqual(['db-2', 'db-2']));
  const silenced = await metrics.getSingleMetric('plimsoll_notifications_total')?.get();
  expect(
    silenced?.values.filter(({ labels }) => labels['outcome'] === 'silenced').map(({ value }) => value),
  ).toEqual([1, 1]);
  await vi.waitFor(() => {
    const [covered] = desk.incidents({ instance: 'db-1' }).items;
    const notes = covered?.timeline.filter(({ type }) => type === 'incident.noted') ?? [];
    expect(notes.map(({ text }) => text)).toEqual([expect.stringContaining('disk swap')]);
    expect(covered).toMatchObject({ state: 'new' });
  });
});
