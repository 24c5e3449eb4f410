import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openEmbeddedStore } from './open-embedded-store.ts';

const ROUNDS = process.env.PLIMSOLL_TEST_LONG === undefined ? 3 : 100;
const BASE_MS = 1_800_000_000_000;
/** Then with a new store: each round looks at all that the ones before left. */
const ROUNDS_PER_STORE = 10;

let path: string;
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'plimsoll-kill-'));
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

/** Runs the child until it has had `acknowledgements` acknowledged, kills it, and tells the last one of each agent. */
async function runAndKill(epoch: number, acknowledgements: number): Promise<ReadonlyMap<string, number>> {
  const program = fileURLToPath(new URL('./kill-child.ts', import.meta.url));
  const child = spawn(process.execPath, [program, '--path', path, '--epoch', String(epoch)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const acknowledged = new Map<string, number>();
  let seen = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const [agentId = '', sequence = ''] = line.split(' ');
    acknowledged.set(agentId, Number(sequence));
    if (++seen === acknowledgements) child.kill('SIGKILL');
  }
  await exited;
  return acknowledged;
}

it(
  'loses no acknowledged frame and doubles none when it is killed under load',
  { timeout: 1100_000 * ROUNDS },
  async () => {
    const seed = Number(process.env.PLIMSOLL_SEED ?? Math.floor(Math.random() * 2 ** 31));
    process.stdout.write(`kill -9: ${ROUNDS} rounds, PLIMSOLL_SEED=${seed}\n`);
    const acknowledged = new Map<number, ReadonlyMap<string, number>>();
    for (let epoch = 1; epoch <= ROUNDS; epoch++) {
      if (epoch % ROUNDS_PER_STORE === 1) {
        rmSync(path, { recursive: true, force: true });
        acknowledged.clear();
      }
      const wanted = 200 + ((Math.imul(seed, 2 * epoch + 1) >>> 3) % 1000);
      acknowledged.set(epoch, await runAndKill(epoch, wanted));
      await using store = await openEmbeddedStore({
        path,
        runtime: { now: () => BASE_MS, log: pino({ level: 'silent' }), metrics: new Registry() },
      });
      const found = await store.select({ matchers: [], startMs: 0, endMs: 2 * BASE_MS });
      expect(found).toHaveLength(6);
      for (const { labels, timestamps, values } of found) {
        const agentId = labels.get('instance');
        const received = store.receivedRanges(agentId);
        // Frames are sent in order, so what is durable has no holes, and ends at the last acknowledged one or behind.
        expect(received.map(({ first }) => first)).toEqual(Array.from(acknowledged.keys(), () => 1));
        const expected: number[] = [];
        for (const { epoch: of, last } of received) {
          expect(last).toBeGreaterThanOrEqual(acknowledged.get(of)?.get(agentId) ?? Infinity);
          for (let sequence = 1; sequence <= last; sequence++) expected.push(of * 100_000 + sequence);
        }
        // As text, which is compared at once: there are hundreds of thousands.
        expect(timestamps.map((timestampMs) => (timestampMs - BASE_MS) / 1000).join()).toBe(expected.join());
        expect(values.join()).toBe(expected.map((n) => n % 100_000).join());
      }
    }
  },
);
