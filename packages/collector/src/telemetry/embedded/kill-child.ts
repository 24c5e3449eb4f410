import { parseArgs } from 'node:util';
import { Labels } from '@plimsoll/promql';
import pino from 'pino';
import { Registry } from 'prom-client';
import { openEmbeddedStore } from './open-embedded-store.ts';

/**
 * Test program: appends frames to a store as fast as they are acknowledged, compacting now and then, until it is
 * killed. Prints "<agent> <sequence>" after each acknowledgement. Values are the sequence, so that they can be checked.
 */
const { values: options } = parseArgs({ options: { path: { type: 'string' }, epoch: { type: 'string' } } });
const epoch = Number(options.epoch);
const baseMs = 1_800_000_000_000;
await using store = await openEmbeddedStore({
  path: options.path ?? '',
  runtime: { now: () => baseMs, log: pino({ level: 'warn' }), metrics: new Registry() },
  options: { commitIntervalMs: 5 },
});
const agents = ['alpha', 'beta'].map((agentId) => ({
  agentId,
  refs: store.internSeries([0, 1, 2].map((n) => Labels.of({ __name__: `m${n}`, instance: agentId }))),
}));
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
    void durable.then(() => process.stdout.write(`${agentId} ${sequence}\n`));
  }
  if (sequence % 400 === 0) void store.compact();
  await new Promise((resolve) => setImmediate(resolve));
}
