import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Labels } from '@plimsoll/promql';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { closeSummed, keepSums } from '../../page-sums/checkpoint.ts';
import { systemFiles } from './files.ts';
import { openEmbeddedStore } from './open-embedded-store.ts';

let path: string;
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'plimsoll-store-'));
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

const runtime = () => ({ now: () => 1_000_000, log: pino({ level: 'silent' }), metrics: new Registry() });
const everything = { matchers: [], startMs: 0, endMs: 2_000_000 };

// Each test starts a thread or more from sources, which takes its time on a busy machine.
describe('openEmbeddedStore', { timeout: 60_000 }, () => {
  it('keeps frames and samples across a restart, on a writer thread', async () => {
    const first = await openEmbeddedStore({ path, runtime: runtime() });
    const refs = first.internSeries([Labels.of({ __name__: 'a', i: '1' }), Labels.of({ __name__: 'b' })]);
    const frame = { agentId: 'x', epoch: 5, sequence: 1, refs, backfill: false };
    const outcome = first.appendFrame({ ...frame, timestampMs: 1000, values: Float64Array.of(1, 2) });
    first.appendFrame({ ...frame, sequence: 2, timestampMs: 2000, values: Float64Array.of(1, 3) });
    await outcome.durable;
    expect(first.appendFrame({ ...frame, timestampMs: 1000, values: Float64Array.of(9, 9) }).status).toBe(
      'duplicate',
    );
    const loose = first.internSeries([Labels.of({ __name__: 'c' })]);
    const samples = { refs: loose, timestampsMs: Float64Array.of(1500), values: Float64Array.of(7) };
    await first.appendSamples(samples).durable;
    expect(first.receivedRanges('x')).toEqual([{ epoch: 5, first: 1, last: 2 }]);
    const before = await first.select(everything);
    expect(before).toHaveLength(3);
    expect(before[0]?.timestamps).toBe(before[1]?.timestamps);
    await first[Symbol.asyncDispose]();

    await using second = await openEmbeddedStore({ path, runtime: runtime() });
    expect(await second.select(everything)).toEqual(before);
    expect(second.incarnation).toBe(first.incarnation);
    expect(second.receivedRanges('x')).toEqual([{ epoch: 5, first: 1, last: 2 }]);
  });

  it('has read the values of a frame before the call returns', async () => {
    const first = await openEmbeddedStore({ path, runtime: runtime() });
    const refs = first.internSeries([Labels.of({ __name__: 'a' })]);
    const values = Float64Array.of(7);
    const frame = { agentId: 'x', epoch: 5, sequence: 1, timestampMs: 1000, refs, values, backfill: false };
    const { durable } = first.appendFrame(frame);
    values[0] = 8;
    await durable;
    expect((await first.select(everything))[0]?.values).toEqual(Float64Array.of(7));
    await first[Symbol.asyncDispose]();
    await using second = await openEmbeddedStore({ path, runtime: runtime() });
    expect((await second.select(everything))[0]?.values).toEqual(Float64Array.of(7));
  });

  it('writes nothing to its index when it is opened again', async () => {
    const options = { writer: { files: systemFiles } } as const;
    const first = await openEmbeddedStore({ path, runtime: runtime(), options });
    await first[Symbol.asyncDispose]();
    await using second = await openEmbeddedStore({ path, runtime: runtime(), options });
    expect(second.stats().readOnlyReason).toBeNull();
    expect(statSync(join(path, 'index.db-wal'), { throwIfNoEntry: false })?.size ?? 0).toBe(0);
  });

  it('refuses a directory that is in use', async () => {
    await using held = await openEmbeddedStore({ path, runtime: runtime() });
    expect(held.stats().readOnlyReason).toBeNull();
    await expect(openEmbeddedStore({ path, runtime: runtime() })).rejects.toMatchObject({ code: 'locked' });
  });

  it.each(['store.json', 'index.db', 'log'])('refuses data of a newer version in %s', async (part) => {
    const store = await openEmbeddedStore({ path, runtime: runtime() });
    const refs = store.internSeries([Labels.of({ __name__: 'a' })]);
    const frame = { agentId: 'x', epoch: 5, sequence: 1, refs, backfill: false, timestampMs: 1000 };
    await store.appendFrame({ ...frame, values: Float64Array.of(1) }).durable;
    await store[Symbol.asyncDispose]();
    age(part);
    await expect(openEmbeddedStore({ path, runtime: runtime() })).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringContaining('newer version'),
    });
  });

  it.skipIf(process.getuid?.() === 0)('says which directory cannot be written', async () => {
    chmodSync(path, 0o500);
    await expect(openEmbeddedStore({ path, runtime: runtime() })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining(path),
    });
    chmodSync(path, 0o700);
  });

  it('keeps within a size by deleting the oldest days', async () => {
    const day = 86_400_000;
    const clock = { ...runtime(), now: () => 5 * day };
    await using store = await openEmbeddedStore({ path, runtime: clock, options: { retentionSizeBytes: 1 } });
    const refs = store.internSeries([Labels.of({ __name__: 'a' })]);
    for (let sequence = 1; sequence <= 4; sequence++) {
      const frame = { agentId: 'x', epoch: 5, sequence, refs, backfill: false, timestampMs: sequence * day };
      store.appendFrame({ ...frame, values: Float64Array.of(sequence) });
    }
    await store.compact();
    expect((await store.select({ matchers: [], startMs: 0, endMs: 9 * day }))[0]?.values).toHaveLength(4);
    await store.enforceRetention(5 * day);
    const [left] = await store.select({ matchers: [], startMs: 0, endMs: 9 * day });
    expect(left?.values).toEqual(Float64Array.of(4));
    expect(store.stats().oldestMs).toBe(4 * day);
  });

  it('shows its metrics', async () => {
    const own = runtime();
    await using store = await openEmbeddedStore({ path, runtime: own });
    const refs = store.internSeries([Labels.of({ __name__: 'a' })]);
    const samples = { refs, timestampsMs: Float64Array.of(1500), values: Float64Array.of(7) };
    await store.appendSamples(samples).durable;
    store.appendSamples({ ...samples, values: Float64Array.of(8) });
    const page = await own.metrics.metrics();
    for (const line of [
      'plimsoll_store_commits_total 1',
      'plimsoll_store_samples_appended_total 1',
      'plimsoll_store_samples_refused_total{reason="duplicate"} 1',
      'plimsoll_store_fdatasync_duration_seconds_count 1',
      'plimsoll_store_active_series 1',
      'plimsoll_store_head_samples 1',
      'plimsoll_store_read_only 0',
    ]) {
      expect(page.split('\n')).toContain(line);
    }
  });
});

/** Marks a part of the store as written by a version to come. */
function age(part: string): void {
  const file = join(path, part);
  if (part === 'store.json') {
    const identity: unknown = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify(Object.assign({}, identity, { version: 99 })));
  } else if (part === 'index.db') {
    // As a newer version would have written it, with the checksums of its pages.
    const database = new DatabaseSync(file);
    keepSums(database, file);
    database.exec('PRAGMA user_version = 99');
    closeSummed(database, file);
  } else {
    for (const name of readdirSync(file)) {
      const bytes = readFileSync(join(file, name));
      bytes[12] = 99;
      writeFileSync(join(file, name), bytes);
    }
  }
}
