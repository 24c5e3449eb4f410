import { parseArgs } from 'node:util';
import { Labels } from '@plimsoll/promql';
import pino from 'pino';
import { Registry } from 'prom-client';
import { openEmbeddedStore } from './open-embedded-store.ts';

/**
 * Test program: appends frames to a store as fast as they are acknowledged, while all that moves, deletes and copies
 * data runs in turn, until it is killed. Prints "<agent> <sequence>" after each acknowledgement, and "phase <name>" for
 * what begins beside it. Values are the sequence, so that they can be checked; what is deleted and dropped is a series
 * of its own, `old`.
 */
const { values: options } = parseArgs({ options: { path: { type: 'string' }, epoch: { type: 'string' } } });
const epoch = Number(options.epoch);
const baseMs = 1_800_000_000_000;
const DAY_MS = 86_400_000;
await using store = await openEmbeddedStore({
  path: options.path ?? '',
  runtime: { now: () => baseMs, log: pino({ level: 'warn' }), metrics: new Registry() },
  options: { commitIntervalMs: 5, rollupRetentionMs: 365 * DAY_MS },
});
const agents = ['alpha', 'beta'].map((agentId) => ({
  agentId,
  refs: store.internSeries([0, 1, 2].map((n) => Labels.of({ __name__: `m${n}`, instance: agentId }))),
}));
const OLD = [[{ name: '__name__', type: '=', value: 'old' }]] as const;
const oldRefs = store.internSeries([Labels.of({ __name__: 'old' })]);
let oldMs = baseMs - 20 * DAY_MS + epoch * 3_600_000;

const phases = {
  compact: () => store.compact(),
  delete: () => store.deleteSeries(OLD, oldMs - 60_000, oldMs),
  clean: () => store.cleanDeleted(),
  'compact again': () => store.compact(),
  // Drops the days of `old`, of which rollups are kept.
  retention: () => store.enforceRetention(baseMs + 20 * DAY_MS),
  backup: () => store.backUp(async (cut) => void (await cut())),
};

async function maintain(): Promise<never> {
  for (;;) {
    for (const [phase, work] of Object.entries(phases)) {
      const timestampsMs = Float64Array.of((oldMs += 30_000));
      store.appendSamples({ refs: oldRefs, timestampsMs, values: Float64Array.of(1) });
      process.stdout.write(`phase ${phase}\n`);
      await work();
    }
  }
}
void maintain();

let last: Promise<void> = Promise.resolve();
for (let sequence = 1; ; sequence++) {
  for (const { agentId, refs } of agents) {
    const timestampMs = baseMs + (epoch * 100_000 + sequence) * 1000;
    const values = new Float64Array(refs.length).fill(sequence);
    const { durable } = store.appendFrame({
      agentId,
      epoch,
      sequence,
      timestampMs,
      refs,
      values,
      backfill: false,
    });
    last = durable.then(() => void process.stdout.write(`${agentId} ${sequence}\n`));
  }
  // Some in flight at a time: a round is to come past all phases before there is too much to look through.
  if (sequence % 20 === 0) await last;
  await new Promise((resolve) => setImmediate(resolve));
}
