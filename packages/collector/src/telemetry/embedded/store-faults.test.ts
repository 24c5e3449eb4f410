import { mkdirSync, mkdtempSync, readdirSync, rmSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Labels } from '@plimsoll/promql';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { budget, randomOf, seedOf } from '../../../../../test/support/budget.ts';
import { FailingFiles, type FileFault } from './failing-files.ts';
import { FaultyLife } from './faulty-life.ts';
import { systemFiles } from './files.ts';
import { type EmbeddedTelemetryStore, openEmbeddedStore } from './open-embedded-store.ts';

/** Faults that are really injected, over all runs. */
const FAULTS = budget({ short: 50, long: 1000 });
const MAX_FAULTS_PER_RUN = 8;
const BASE_MS = 1_800_000_000_000;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'plimsoll-faults-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function open(path: string, files: FailingFiles): Promise<EmbeddedTelemetryStore> {
  return openEmbeddedStore({
    path,
    runtime: { now: () => BASE_MS, log: pino({ level: 'silent' }), metrics: new Registry() },
    options: { writer: { files }, commitIntervalMs: 1, retryIntervalMs: 5 },
  });
}

function frameAt(store: EmbeddedTelemetryStore, sequence: number) {
  return {
    agentId: 'agent',
    epoch: 1,
    sequence,
    timestampMs: BASE_MS + sequence * 300_000,
    refs: store.internSeries([Labels.of({ __name__: 'a' }), Labels.of({ __name__: 'b' })]),
    values: Float64Array.of(sequence, sequence / 4),
    backfill: false,
  };
}

/** One fault at a place of this run's own, and some anywhere behind it. */
function drawFaults(random: () => number, first: number, effects: number): FileFault[] {
  const places = [first];
  while (places.length < MAX_FAULTS_PER_RUN && random() < 0.7) {
    places.push(first + Math.floor(random() * (effects - first)) + 1);
  }
  return places.map((at) => ({ at, lasting: random() < 0.4, draw: random(), part: random() }));
}

/** A stride that comes past every effect: near the golden section, so that few runs are spread as well. */
function coprimeTo(effects: number): number {
  const divides = (a: number, b: number): number => (b === 0 ? a : divides(b, a % b));
  let stride = Math.round(effects * 0.618);
  while (divides(effects, stride) !== 1) stride++;
  return stride;
}

describe('a disk that fails', () => {
  it(
    'at any effect loses and doubles nothing, says so, and is over by itself',
    { timeout: 900_000 },
    async () => {
      const seed = seedOf(`faults: ${FAULTS}`);
      const random = randomOf(seed);
      const { effects } = await new FaultyLife(join(root, 'rehearsal')).run([]);
      expect(effects).toBeGreaterThan(100);
      const account = new Map<string, number>();
      const positions = new Set<number>();
      let injected = 0;
      // A long run begins at every effect in turn and goes round again; a short one at some.
      const offset = Math.floor(random() * effects);
      const least = FAULTS > effects ? effects : 0;
      for (let run = 1; run <= least || injected < FAULTS; run++) {
        const first = ((offset + run * coprimeTo(effects)) % effects) + 1;
        const faults = drawFaults(random, first, effects);
        const path = join(root, String(run));
        try {
          const met = await new FaultyLife(path).run(faults);
          for (const { effect, code } of met.injected) {
            account.set(`${effect} ${code}`, (account.get(`${effect} ${code}`) ?? 0) + 1);
          }
          if (met.injected.length > 0) positions.add(first);
          injected += met.faults;
        } catch (error) {
          throw new Error(`run ${run}, PLIMSOLL_SEED=${seed}: ${JSON.stringify(faults)}`, { cause: error });
        }
        rmSync(path, { recursive: true });
      }
      const kinds = [...account].map(([kind, count]) => `${kind} ${count}`).sort();
      process.stdout.write(
        `faults: ${injected} injected at ${positions.size} of ${effects} effects, seed ${seed}: ${kinds.join(', ')}\n`,
      );
      expect(injected).toBeGreaterThanOrEqual(FAULTS);
      // Some effects come a little earlier or later from one run to the next.
      expect(positions.size).toBeGreaterThanOrEqual(0.9 * least);
      // Some effects come a little earlier or later from one run to the next.
      expect(positions.size).toBeGreaterThanOrEqual(0.9 * least);
      const effectsHit = new Set([...account.keys()].map((kind) => kind.split(' ')[0]));
      expect([...effectsHit]).toEqual(
        expect.arrayContaining(['append', 'datasync', 'beforeCommit', 'remove']),
      );
    },
  );
});

describe('compaction that fails at any effect', { timeout: 60_000 }, () => {
  it('leaves no file behind that nothing refers to', async () => {
    let effects = Infinity;
    for (let n = 1; n <= effects; n++) {
      const path = join(root, String(n));
      const files = new FailingFiles('EIO');
      await using store = await open(path, files);
      for (let sequence = 1; sequence <= 60; sequence += 10) {
        await store.appendFrame(frameAt(store, sequence)).durable;
      }
      files.failAt(n, false);
      await store.compact();
      if (files.failed.length === 0) effects = files.calls;
      files.heal();
      await vi.waitFor(() => expect(store.stats().readOnlyReason).toBeNull(), {
        interval: 2,
        timeout: 30_000,
      });
      await store.compact();
      expect(readdirSync(join(path, 'blocks')), `effect ${n}, ${files.failed.join()}`).toEqual([]);
      expect(readdirSync(join(path, 'log')), `effect ${n}, ${files.failed.join()}`).toEqual([]);
    }
    expect(effects).toBeGreaterThan(10);
  });
});

describe('rollups of which one file cannot be opened', { timeout: 60_000 }, () => {
  it('are made when it can be again', async () => {
    const path = join(root, 'rollups');
    const registry = new Registry();
    await using store = await openEmbeddedStore({
      path,
      runtime: { now: () => BASE_MS, log: pino({ level: 'silent' }), metrics: registry },
      options: { writer: { files: systemFiles }, commitIntervalMs: 1, rollupRetentionMs: 1e12 },
    });
    await store.appendFrame(frameAt(store, 1)).durable;
    const blocking = join(path, 'rollups', '1h-2027.db');
    mkdirSync(blocking);
    await store.compact();
    rmdirSync(blocking);
    await store.compact();
    const failures = (await registry.getSingleMetric('plimsoll_store_seal_failures_total')?.get())?.values[0];
    expect(failures?.value).toBe(1);
    expect(readdirSync(join(path, 'rollups'))).toContain('1h-2027.db');
  });
});

describe('a full disk', { timeout: 60_000 }, () => {
  it('makes the store read-only with a reason, and it recovers by itself', async () => {
    const files = new FailingFiles();
    await using store = await open(join(root, 'full'), files);
    await store.appendFrame(frameAt(store, 1)).durable;
    files.failAt(1, true);
    await expect(store.appendFrame(frameAt(store, 2)).durable).rejects.toMatchObject({
      code: 'out_of_space',
    });
    expect(store.stats().readOnlyReason).toContain('ENOSPC');
    expect(store.receivedRanges('agent')).toEqual([{ epoch: 1, first: 1, last: 1 }]);
    await expect(store.appendFrame(frameAt(store, 2)).durable).rejects.toMatchObject({
      code: 'out_of_space',
    });
    files.heal();
    await vi.waitFor(() => expect(store.stats().readOnlyReason).toBeNull(), { interval: 2, timeout: 30_000 });
    const again = store.appendFrame(frameAt(store, 2));
    expect(again.status).toBe('accepted');
    await again.durable;
    expect(store.receivedRanges('agent')).toEqual([{ epoch: 1, first: 1, last: 2 }]);
  });

  it('is kept from happening by a reserve', async () => {
    await using store = await openEmbeddedStore({
      path: join(root, 'reserve'),
      runtime: { now: () => BASE_MS, log: pino({ level: 'silent' }), metrics: new Registry() },
      options: { writer: { files: systemFiles }, commitIntervalMs: 1, freeSpaceReserveBytes: 2 ** 60 },
    });
    await expect(store.appendFrame(frameAt(store, 1)).durable).rejects.toMatchObject({
      code: 'out_of_space',
    });
    expect(store.stats().readOnlyReason).toContain('reserve');
  });
});
