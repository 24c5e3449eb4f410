import { pino } from 'pino';
import { Registry } from 'prom-client';
import { startNotifier } from './start-notifier.ts';
import { TestDesk } from './test-desk.ts';

/**
 * For tests of crashes: a process of its own that tells a webhook of some incidents. Arguments: the queue's file, the
 * webhook's address, how many incidents to open.
 */
const [, , path = '', url = '', count = '0'] = process.argv;
const desk = new TestDesk();
startNotifier({
  runtime: { now: Date.now, log: pino({ level: 'silent' }), metrics: new Registry() },
  desk,
  channels: [{ kind: 'webhook', name: 'ops', url, hmacSecret: null, sendResolved: true }],
  path,
  externalUrl: null,
  policy: { retryBaseMs: 10, retryMaxMs: 40 },
});
for (let i = 0; i < Number(count); i++) desk.open({});
