import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Labels } from '@plimsoll/promql';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FailingFiles } from './failing-files.ts';
import { systemFiles } from './files.ts';
import { type EmbeddedTelemetryStore, openEmbeddedStore } from './open-embedded-store.ts';

const BASE_MS = 1_800_000_000_000;
const STEPS = 40;
/** A run tries every seventeenth place, others each day; a long run tries all. */
const STRIDE = process.env.PLIMSOLL_TEST_LONG === undefined ? 17 : 1;
const OFFSET = Math.floor(Date.now() / 86_400_000) % STRIDE;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'plimsoll-faults-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function open(path: string, files: FailingFiles | typeof systemFiles): Promise<EmbeddedTelemetryStore> {
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
    // Spread over two windows, so that sealing and merging have something to do.
    timestampMs: BASE_MS + sequence * 300_000,
    refs: store.internSeries([Labels.of({ __name__: 'a' }), Labels.of({ __name__: 'b' })]),
    values: Float64Array.of(sequence, sequence / 4),
    backfill: false,
  };
}

/** Sends every frame until it is acknowledged, as an agent with a spool does; compacts now and then. */
async function sendAll(
  store: EmbeddedTelemetryStore,
  files: FailingFiles,
): Promise<{ readonly refusals: number }> {
  let refusals = 0;
  for (let sequence = 1; sequence <= STEPS; sequence++) {
    for (;;) {
      try {
        await store.appendFrame(frameAt(store, sequence)).durable;
        break;
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/^(out_of_space|unavailable)$/) });
        refusals++;
        files.heal();
        await vi.waitFor(() => expect(store.stats().readOnlyReason).toBeNull(), {
          interval: 2,
          timeout: 30_000,
        });
      }
    }
    if (sequence % 10 === 0) await store.compact();
  }
  files.heal();
  await vi.waitFor(() => expect(store.stats().readOnlyReason).toBeNull(), { interval: 2, timeout: 30_000 });
  return { refusals };
}

async function expectAllOnce(store: EmbeddedTelemetryStore): Promise<void> {
  const found = await store.select({ matchers: [], startMs: 0, endMs: 2 * BASE_MS });
  const expected = Array.from({ length: STEPS }, (_, i) => i + 1);
  expect(found.map(({ labels }) => labels.name).sort()).toEqual(['a', 'b']);
  for (const { labels, timestamps, values } of found) {
    expect(Array.from(timestamps)).toEqual(expected.map((n) => BASE_MS + n * 300_000));
    expect(Array.from(values)).toEqual(expected.map((n) => (labels.name === 'a' ? n : n / 4)));
  }
  expect(store.receivedRanges('agent')).toEqual([{ epoch: 1, first: 1, last: STEPS }]);
}

/** What a kill leaves behind, opened with a disk that works. */
async function expectAllOnceAfterKill(path: string): Promise<void> {
  const copy = `${path}-copy`;
  cpSync(path, copy, { recursive: true });
  await using store = await open(copy, systemFiles);
  await expectAllOnce(store);
}

describe.each(['ENOSPC', 'EIO'])('a disk that fails with %s', (code) => {
  it('at the 1st, 2nd, ... n-th effect loses and doubles nothing', { timeout: 120_000 }, async () => {
    const dry = new FailingFiles();
    const rehearsal = await open(join(root, 'dry'), dry);
    await sendAll(rehearsal, dry);
    await rehearsal[Symbol.asyncDispose]();
    const effects = dry.calls;
    expect(effects).toBeGreaterThan(50);
    const hit = new Set<string>();
    for (let n = 1 + OFFSET; n <= effects; n += STRIDE) {
      const files = new FailingFiles(code);
      const path = join(root, String(n));
      const store = await open(path, files);
      files.failAt(n, n % 2 === 0);
      await sendAll(store, files);
      await expectAllOnce(store);
      await expectAllOnceAfterKill(path);
      await store.compact();
      await expectAllOnce(store);
      await store[Symbol.asyncDispose]();
      for (const name of files.failed) hit.add(name);
      rmSync(path, { recursive: true });
      rmSync(`${path}-copy`, { recursive: true });
    }
    expect([...hit].sort()).toEqual(expect.arrayContaining(['append', 'datasync']));
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
