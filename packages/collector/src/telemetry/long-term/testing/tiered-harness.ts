import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { Registry } from 'prom-client';
import { NOW_MS, type StoreException, type StoreHarness } from '../../store-conformance.ts';
import type { TelemetryStore } from '../../store.ts';
import type { LongTermEngine } from '../long-term-engine.ts';
import { openTieredStore } from '../open-tiered-store.ts';
import type { TieredStore } from '../tiered-store.ts';

const HOUR_MS = 3_600_000;

/** A real server to forward to, over empty data. */
export interface LongTermServer extends AsyncDisposable {
  createEngine(): LongTermEngine;
  /** Makes what it took visible to reads at once. */
  flush(): Promise<void>;
}

interface Opened {
  readonly path: string;
  readonly server: LongTermServer;
  readonly limits: { readonly maxSeries: number; readonly outOfOrderWindowMs: number };
}

/** What the conformance suite needs of a tiered store. Settling forwards everything and drops it from the embedded store. */
export function tieredHarness(
  start: () => Promise<LongTermServer>,
  nowMs: number = NOW_MS,
  exceptions: readonly StoreException[] = [],
): StoreHarness {
  const opened = new Map<TelemetryStore, Opened & { readonly tiered: TieredStore }>();
  const open = async (known: Opened): Promise<TelemetryStore> => {
    const tiered = await openTieredStore({
      path: known.path,
      runtime: { now: () => nowMs, log: pino({ level: 'error' }), metrics: new Registry() },
      engine: known.server.createEngine(),
      options: {
        ...known.limits,
        commitIntervalMs: 1,
        queueLimitBytes: 2 ** 30,
        retentionTimeMs: 30 * 24 * HOUR_MS,
      },
      recentMs: 6 * HOUR_MS,
    });
    opened.set(tiered, { ...known, tiered });
    return tiered;
  };
  const take = (store: TelemetryStore): Opened & { readonly tiered: TieredStore } => {
    const known = opened.get(store);
    if (known === undefined) throw new Error('not a store of this harness');
    return known;
  };
  return {
    nowMs,
    exceptions,
    async open(limits) {
      const path = mkdtempSync(join(tmpdir(), 'plimsoll-long-term-'));
      return open({ path, server: await start(), limits });
    },
    async reopen(store) {
      await store[Symbol.asyncDispose]();
      return open(take(store));
    },
    async settle(store) {
      const { tiered, server } = take(store);
      await tiered.settle();
      await server.flush();
    },
    async close(store) {
      await store[Symbol.asyncDispose]();
      const { path, server } = take(store);
      await server[Symbol.asyncDispose]();
      rmSync(path, { recursive: true, force: true });
    },
  };
}
