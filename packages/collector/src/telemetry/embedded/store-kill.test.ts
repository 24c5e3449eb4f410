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
import { budget, randomOf, seedOf } from '../../../../../test/support/budget.ts';
import { openEmbeddedStore } from './open-embedded-store.ts';

const ROUNDS = budget({ short: 3, long: 100 });
/** All of the child's maintenance, once or nearly twice. */
const PHASES = 11;
const BASE_MS = 1_800_000_000_000;
/** Then with a new store: each round looks at all that the ones before left. */
const ROUNDS_PER_STORE = 10;
/** What is deleted and dropped meanwhile is another series. */
const FRAMES = [{ name: '__name__', type: '!=', value: 'old' }] as const;

let path: string;
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'plimsoll-kill-'));
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

/** Runs the child until so many phases of maintenance have begun and so much was acknowledged since, and kills it. */
async function runAndKill(
  epoch: number,
  wantedPhases: number,
  acknowledgements: number,
): Promise<{ readonly acknowledged: ReadonlyMap<string, number>; readonly phase: string }> {
  const program = fileURLToPath(new URL('./kill-child.ts', import.meta.url));
  const child = spawn(process.execPath, [program, '--path', path, '--epoch', String(epoch)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const acknowledged = new Map<string, number>();
  let phase = 'none';
  let begun = 0;
  let seen = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('phase ')) {
      phase = line.slice('phase '.length);
      begun++;
      continue;
    }
    const [agentId = '', sequence = ''] = line.split(' ');
    acknowledged.set(agentId, Number(sequence));
    if (begun >= wantedPhases && ++seen >= acknowledgements) child.kill('SIGKILL');
  }
  await exited;
  expect(child.signalCode, 'the child ended by itself').toBe('SIGKILL');
  return { acknowledged, phase };
}

it(
  'loses no acknowledged frame and doubles none when it is killed under load',
  { timeout: 1100_000 * ROUNDS },
  async () => {
    const seed = seedOf(`kill -9: ${ROUNDS} rounds`);
    const acknowledged = new Map<number, ReadonlyMap<string, number>>();
    const random = randomOf(seed);
    const phases = new Map<string, number>();
    for (let epoch = 1; epoch <= ROUNDS; epoch++) {
      if (epoch % ROUNDS_PER_STORE === 1) {
        rmSync(path, { recursive: true, force: true });
        acknowledged.clear();
      }
      const killed = await runAndKill(epoch, Math.floor(random() * PHASES), 20 + Math.floor(random() * 400));
      acknowledged.set(epoch, killed.acknowledged);
      phases.set(killed.phase, (phases.get(killed.phase) ?? 0) + 1);
      await using store = await openEmbeddedStore({
        path,
        runtime: { now: () => BASE_MS, log: pino({ level: 'silent' }), metrics: new Registry() },
      });
      const found = await store.select({ matchers: FRAMES, startMs: 0, endMs: 2 * BASE_MS });
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
    const during = [...phases].map(([phase, count]) => `${phase} ${count}`).join(', ');
    process.stdout.write(`kill -9: during ${during}\n`);
  },
);
