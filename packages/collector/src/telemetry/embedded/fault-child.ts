import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Labels } from '@plimsoll/promql';
import pino from 'pino';
import { Registry } from 'prom-client';
import { PlimsollError } from '../../errors.ts';
import { type EmbeddedTelemetryStore, openEmbeddedStore } from './open-embedded-store.ts';

/**
 * Test program: a store whose system calls fail under it. Sends frames as an agent with a spool does, again until they
 * are acknowledged, over some days that are merged, rolled up and dropped meanwhile; then says what it counted. Logs
 * to the standard error.
 */
const { values: options } = parseArgs({
  options: { path: { type: 'string' }, steps: { type: 'string' }, start: { type: 'string' } },
});
const DAY_MS = 86_400_000;
const STEP_MS = 90 * 60 * 1000;
const ATTEMPTS = 20;
const steps = Number(options.steps);
const startMs = Number(options.start);
const metrics = new Registry();
let thrown = 0;

const tell = (message: object): void => void process.stdout.write(`${JSON.stringify(message)}\n`);
const count = async (name: string): Promise<number> =>
  (await metrics.getSingleMetric(name)?.get())?.values[0]?.value ?? Number.NaN;

async function open(): Promise<EmbeddedTelemetryStore> {
  for (;;) {
    try {
      return await openEmbeddedStore({
        path: options.path ?? '',
        runtime: {
          now: () => startMs + 3 * DAY_MS,
          log: pino({}, pino.destination({ dest: 2, sync: true })),
          metrics,
        },
        options: { commitIntervalMs: 2, retryIntervalMs: 20, rollupRetentionMs: 365 * DAY_MS },
      });
    } catch (error) {
      const { code, message } = PlimsollError.from(error);
      tell({ openFailed: message, code });
    }
  }
}

async function writable(store: EmbeddedTelemetryStore): Promise<void> {
  while (store.stats().readOnlyReason !== null) {
    await delay(5);
  }
}

async function send(store: EmbeddedTelemetryStore, step: number): Promise<void> {
  for (;;) {
    try {
      const refs = store.internSeries([Labels.of({ __name__: 'a' }), Labels.of({ __name__: 'b' })]);
      const timestampMs = startMs + 60_000 + (step - 1) * STEP_MS;
      const values = Float64Array.of(step, step / 4);
      const frame = {
        agentId: 'agent',
        epoch: 1,
        sequence: step,
        timestampMs,
        refs,
        values,
        backfill: false,
      };
      return await store.appendFrame(frame).durable;
    } catch {
      thrown++;
      await writable(store);
    }
  }
}

async function moveOn(store: EmbeddedTelemetryStore, work: () => Promise<void>): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = await count('plimsoll_store_seal_failures_total');
    try {
      await work();
      if ((await count('plimsoll_store_seal_failures_total')) === before) return;
    } catch {
      thrown++;
    }
    await writable(store);
  }
  throw new Error(`maintenance did not succeed in ${ATTEMPTS} attempts`);
}

await using store = await open();
const first = (store.receivedRanges('agent').at(-1)?.last ?? 0) + 1;
for (let step = first; step <= steps; step++) {
  await send(store, step);
  tell({ acknowledged: step });
  if (step % 8 === 0) await moveOn(store, () => store.compact());
}
await moveOn(store, () => store.enforceRetention(startMs + 31 * DAY_MS));
await moveOn(store, () => store.compact());
await writable(store);
tell({
  commits: await count('plimsoll_store_commit_failures_total'),
  seals: await count('plimsoll_store_seal_failures_total'),
  readOnly: await count('plimsoll_store_read_only'),
  thrown,
});
