import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Labels } from '@plimsoll/promql';
import pino from 'pino';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { DAY_MS } from '../head/windows.ts';
import { type EmbeddedTelemetryStore, openEmbeddedStore } from '../open-embedded-store.ts';

const START_MS = Date.UTC(2027, 0, 10, 1);

it('never gives a number again that retention took from a series, over restarts too', async () => {
  const path = mkdtempSync(join(tmpdir(), 'plimsoll-numbers-'));
  let nowMs = START_MS;
  const open = (): Promise<EmbeddedTelemetryStore> =>
    openEmbeddedStore({
      path,
      runtime: { now: () => nowMs, log: pino({ level: 'silent' }), metrics: new Registry() },
      options: { retentionTimeMs: 2 * DAY_MS, commitIntervalMs: 1 },
    });
  const put = async (store: EmbeddedTelemetryStore, name: string): Promise<number | undefined> => {
    const refs = store.internSeries([Labels.of({ __name__: name })]);
    await store.appendSamples({ refs, timestampsMs: Float64Array.of(nowMs), values: Float64Array.of(1) })
      .durable;
    return refs[0];
  };
  const names = async (store: EmbeddedTelemetryStore): Promise<string[]> => {
    const found = await store.select({ matchers: [], startMs: 0, endMs: nowMs });
    return found.map(({ labels }) => labels.name).sort();
  };
  try {
    {
      await using store = await open();
      expect([await put(store, 'kept'), await put(store, 'retired')]).toEqual([0, 1]);
      await store.compact();
      nowMs += 4 * DAY_MS;
      await put(store, 'kept');
      await store.compact();
      await store.enforceRetention(nowMs);
      await store.compact();
      expect(await names(store)).toEqual(['kept']);
      // The log that still names the retired series goes.
      nowMs += 1000;
      await put(store, 'kept');
      await store.compact();
    }
    {
      await using store = await open();
      expect(await put(store, 'new')).toBe(2);
      await store.compact();
    }
    await using store = await open();
    expect(await names(store)).toEqual(['kept', 'new']);
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
});
