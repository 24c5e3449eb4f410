import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Labels } from '@plimsoll/promql';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemFiles } from './files.ts';
import { type EmbeddedTelemetryStore, openEmbeddedStore } from './open-embedded-store.ts';

const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2026, 6, 1, 6);
const JUMPS = { hours: 5 * 3_600_000, days: 10 * DAY_MS, 'years, past retention': 5000 * DAY_MS };

let path: string;
let nowMs: number;
let sequence: number;
let lines: string[];
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'plimsoll-clock-'));
  nowMs = START_MS;
  sequence = 0;
  lines = [];
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

function open(): Promise<EmbeddedTelemetryStore> {
  return openEmbeddedStore({
    path,
    runtime: {
      now: () => nowMs,
      log: pino({}, { write: (line: string) => void lines.push(line) }),
      metrics: new Registry(),
    },
    options: {
      writer: { files: systemFiles },
      commitIntervalMs: 1,
      retentionTimeMs: 30 * DAY_MS,
      rollupRetentionMs: 365 * DAY_MS,
    },
  });
}

/** As the collector's own clock does each minute. */
async function retain(store: EmbeddedTelemetryStore): Promise<void> {
  await store.enforceRetention(store.ageNow());
}

async function send(store: EmbeddedTelemetryStore, timestampMs: number): Promise<void> {
  const refs = store.internSeries([Labels.of({ __name__: 'a' })]);
  const values = Float64Array.of(++sequence);
  const frame = { agentId: 'x', epoch: 1, sequence, timestampMs, refs, values, backfill: false };
  const outcome = store.appendFrame(frame);
  expect(outcome.status).toBe('accepted');
  await outcome.durable;
}

async function stored(store: EmbeddedTelemetryStore): Promise<number[]> {
  const found = await store.select({ matchers: [], startMs: 0, endMs: Infinity });
  return found.flatMap((series) => Array.from(series.values)).sort((a, b) => a - b);
}

function rollupFiles(): string[] {
  return readdirSync(join(path, 'rollups')).filter((name) => name.endsWith('.db'));
}

describe.each(Object.entries(JUMPS))('a clock that jumps by %s', (_, jumpMs) => {
  it('ahead and back while the store runs costs nothing', async () => {
    await using store = await open();
    for (let day = 20; day >= 0; day -= 5) await send(store, nowMs - day * DAY_MS);
    await store.compact();
    await retain(store);
    nowMs += jumpMs;
    // The host's own agent looks at the same clock, those of other hosts do not.
    await send(store, nowMs);
    await send(store, START_MS + 1000);
    await retain(store);
    await store.compact();
    await retain(store);
    nowMs = START_MS + 60_000;
    await send(store, nowMs);
    await retain(store);
    await store.compact();
    expect(await stored(store)).toEqual(Array.from({ length: sequence }, (__, i) => i + 1));
  });

  it('ahead while the store runs, or between two starts, costs no rollups', async () => {
    let kept: string[];
    {
      await using store = await open();
      for (let day = 20; day >= 0; day -= 5) await send(store, nowMs - day * DAY_MS);
      await store.compact();
      await retain(store);
      kept = rollupFiles();
      expect(kept.length).toBeGreaterThan(0);
      nowMs += jumpMs;
      await retain(store);
      expect(rollupFiles()).toEqual(kept);
    }
    await using store = await open();
    await retain(store);
    expect(rollupFiles()).toEqual(kept);
  });

  it('ahead and back between two starts costs nothing', async () => {
    for (const offsetMs of [0, jumpMs, 60_000]) {
      nowMs = START_MS + offsetMs;
      const store = await open();
      await retain(store);
      await send(store, START_MS + offsetMs);
      await send(store, START_MS + 1 + sequence);
      await retain(store);
      expect(await stored(store)).toEqual(Array.from({ length: sequence }, (__, i) => i + 1));
      await store[Symbol.asyncDispose]();
    }
  });

  it('back while the store runs costs nothing', async () => {
    await using store = await open();
    await send(store, nowMs);
    nowMs -= jumpMs;
    for (let n = 1; n <= 3; n++) await send(store, nowMs + n);
    await retain(store);
    await store.compact();
    expect(await stored(store)).toEqual([1, 2, 3, 4]);
    nowMs = START_MS + 60_000;
    await retain(store);
    // Putting it right again is a jump ahead: also what was stamped long ago stays until that has lasted.
    expect(await stored(store)).toEqual([1, 2, 3, 4]);
  });
});

describe('a store that has days only', () => {
  it.each([
    ['of today', 0, null],
    ['of long ago', 10, /newest telemetry is \d+ hours old.*nothing is deleted/],
  ])('%s is opened without a warning, and keeps what it has', async (_, daysLater, note) => {
    {
      await using store = await open();
      for (let day = 25; day >= 0; day -= 5) await send(store, nowMs - day * DAY_MS);
      await store.compact();
    }
    nowMs += daysLater * DAY_MS;
    lines = [];
    await using store = await open();
    await retain(store);
    expect(await stored(store)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(lines.filter((line) => line.includes('"level":40'))).toEqual([]);
    expect(lines.filter((line) => line.includes(' hours'))).toEqual(
      note === null ? [] : [expect.stringMatching(note)],
    );
  });
});
