import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Labels } from '@plimsoll/promql';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEmbeddedStore } from './open-embedded-store.ts';

let path: string;
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'plimsoll-store-'));
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

const runtime = () => ({ now: () => 1_000_000, log: pino({ level: 'silent' }), metrics: new Registry() });
const everything = { matchers: [], startMs: 0, endMs: 2_000_000 };

describe('openEmbeddedStore', () => {
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

  it('refuses a directory that is in use', async () => {
    await using held = await openEmbeddedStore({ path, runtime: runtime() });
    expect(held.stats().readOnlyReason).toBeNull();
    await expect(openEmbeddedStore({ path, runtime: runtime() })).rejects.toMatchObject({ code: 'locked' });
  });
});
