import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Labels } from '@plimsoll/promql';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { budget, randomOf, seedOf } from '../../../../../test/support/budget.ts';
import type { DyingWriterOptions } from './dying-writer.ts';
import { MortalLife } from './mortal-life.ts';
import { type EmbeddedTelemetryStore, openEmbeddedStore } from './open-embedded-store.ts';
import type { StartWriter } from './store-options.ts';
import { faultText } from './verify/fault.ts';
import { verifyStore } from './verify/verify-store.ts';
import { startWriterThread } from './writer/writer-port.ts';

const DEATHS = budget({ short: 6, long: 400 });
/** Then with a new store. */
const DEATHS_PER_STORE = 6;
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'plimsoll-death-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

it(
  'a store whose writer dies under load loses and doubles nothing, says so, and goes on by itself',
  { timeout: 20_000 * DEATHS },
  async () => {
    const seed = seedOf(`deaths of the writer: ${DEATHS}`);
    const random = randomOf(seed);
    const ways = new Map<string, number>();
    for (let left = DEATHS, store = 1; left > 0; left -= DEATHS_PER_STORE, store++) {
      const path = join(root, String(store));
      const life = new MortalLife(path, random, Math.min(left, DEATHS_PER_STORE));
      try {
        await life.run();
      } catch (cause) {
        throw new Error(`store ${store}, PLIMSOLL_SEED=${seed}: ${life.deaths.join()}`, { cause });
      }
      for (const death of life.deaths) {
        const [way = ''] = death.split(' ');
        ways.set(way, (ways.get(way) ?? 0) + 1);
      }
      rmSync(path, { recursive: true });
    }
    const text = [...ways].map(([way, count]) => `${way} ${count}`).join(', ');
    expect([...ways.values()].reduce((sum, count) => sum + count, 0)).toBe(DEATHS);
    process.stdout.write(`deaths of the writer: ${text}, seed ${seed}\n`);
  },
);

function open(start: StartWriter): Promise<EmbeddedTelemetryStore> {
  return openEmbeddedStore({
    path: root,
    runtime: { now: () => 0, log: pino({ level: 'silent' }), metrics: new Registry() },
    // No writer is started again before the end.
    options: { commitIntervalMs: 1, retryIntervalMs: 3_600_000, writer: { start } },
  });
}

async function append(store: EmbeddedTelemetryStore): Promise<void> {
  const refs = store.internSeries([Labels.of({ __name__: 'a' })]);
  const samples = { refs, timestampsMs: Float64Array.of(1), values: Float64Array.of(1) };
  await store.appendSamples(samples).durable;
}

function dyingAt(dieAt: DyingWriterOptions['dieAt']): StartWriter {
  return (options, listener) => {
    const mortal: DyingWriterOptions = { ...options, dieAt, how: 'exit', part: 0 };
    return startWriterThread(mortal, listener, new URL('./dying-writer.ts', import.meta.url));
  };
}

/** Dies while what was appended is sealed. */
const dying = dyingAt(6);

describe('a store that is closed', () => {
  it('after its writer died puts right first what that one left', async () => {
    let starts = 0;
    const start: StartWriter = (...init) => (++starts === 1 ? dying : startWriterThread)(...init);
    const store = await open(start);
    await append(store);
    await store.compact();
    await vi.waitFor(() => expect(store.stats().readOnlyReason).toMatch(/writer stopped/));
    await expect(append(store)).rejects.toMatchObject({ code: 'unavailable' });
    await store[Symbol.asyncDispose]();
    expect(starts).toBe(2);
    await using again = await open(startWriterThread);
    expect(await again.select({ matchers: [], startMs: 0, endMs: 10 })).toMatchObject([{ values: { 0: 1 } }]);
    await again[Symbol.asyncDispose]();
    expect((await verifyStore(root)).faults.map(faultText)).toEqual([]);
  });

  it('is found as it was by the next start when its writer dies of closing', async () => {
    const store = await open(dyingAt('close'));
    await append(store);
    await store[Symbol.asyncDispose]();
    expect((await verifyStore(root)).faults.map(faultText)).toEqual([]);
    await using again = await open(startWriterThread);
    expect(await again.select({ matchers: [], startMs: 0, endMs: 10 })).toHaveLength(1);
    expect((await verifyStore(root)).faults.map(faultText)).toEqual([]);
  });

  it('ends all the same where no other writer can be started', async () => {
    let starts = 0;
    const store = await open((...init) => {
      if (++starts === 1) return dying(...init);
      throw new Error('the test has no other writer');
    });
    await append(store);
    await store.compact();
    await vi.waitFor(() => expect(store.stats().readOnlyReason).toMatch(/writer stopped/));
    await store[Symbol.asyncDispose]();
    await using again = await open(startWriterThread);
    expect(await again.select({ matchers: [], startMs: 0, endMs: 10 })).toHaveLength(1);
  });
});

it('a writer in the place of one that died forgets no damage', async () => {
  let starts = 0;
  const start: StartWriter = (...init) => (++starts === 2 ? dyingAt(2) : startWriterThread)(...init);
  {
    await using store = await open(start);
    await append(store);
    await store.compact();
  }
  const days = join(root, 'days');
  const day = readdirSync(days).find((name) => name.endsWith('.db')) ?? '';
  const bytes = readFileSync(join(days, day));
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
  writeFileSync(join(days, day), bytes);
  const damage = (await verifyStore(root)).faults.map(faultText);
  expect(damage).toHaveLength(1);
  await using store = await open(start);
  await append(store).catch(() => undefined);
  await store.compact();
  await vi.waitFor(() => expect(store.stats().readOnlyReason).toMatch(/writer stopped/));
  await store[Symbol.asyncDispose]();
  expect(starts).toBe(3);
  expect((await verifyStore(root)).faults.map(faultText)).toEqual(damage);
});
