import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Labels } from '@plimsoll/promql';
import pino from 'pino';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { openEmbeddedStore } from '../open-embedded-store.ts';

const SERIES = 2000;
const FRAMES = 200;
const START_MS = Date.UTC(2027, 0, 15);

it('what cannot be read of a day stays an error, and is never taken for nothing', async () => {
  const path = mkdtempSync(join(tmpdir(), 'plimsoll-unreadable-day-'));
  try {
    const endMs = START_MS + FRAMES * 10_000;
    await using store = await openEmbeddedStore({
      path,
      runtime: { now: () => endMs, log: pino({ level: 'silent' }), metrics: new Registry() },
    });
    const refs = store.internSeries(
      Array.from({ length: SERIES }, (_, n) => Labels.of({ __name__: 'm', n: `${n}` })),
    );
    for (let frame = 0; frame < FRAMES; frame++) {
      const values = Float64Array.from(refs, (ref) => Math.sin(ref * FRAMES + frame));
      const { durable } = store.appendFrame({
        agentId: 'agent',
        epoch: 1,
        sequence: frame + 1,
        timestampMs: START_MS + frame * 10_000,
        refs,
        values,
        backfill: false,
      });
      if (frame % 50 === 49) await durable;
    }
    await store.compact();
    const days = join(path, 'days');
    const day = readdirSync(days).find((name) => name.endsWith('.db')) ?? '';
    truncateSync(join(days, day), Math.floor(statSync(join(days, day)).size / 2));
    const read = async (from: number, to: number): Promise<number> => {
      const value = Array.from({ length: to - from }, (_, i) => String(from + i)).join('|');
      const matchers = [{ name: 'n', type: '=~', value } as const];
      return (await store.select({ matchers, startMs: START_MS, endMs })).length;
    };
    // The first series of the window are still there, the last ones are not.
    expect(await read(0, 1)).toBe(1);
    expect(await read(0, 20)).toBe(20);
    for (const [from, to] of [
      [SERIES - 1, SERIES],
      [SERIES - 20, SERIES],
    ] as const) {
      await expect(read(from, to)).rejects.toThrow('run verify, or restore it from a backup');
      await expect(read(from, to)).rejects.toThrow('run verify, or restore it from a backup');
    }
    expect(await read(0, 20)).toBe(20);
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
});
