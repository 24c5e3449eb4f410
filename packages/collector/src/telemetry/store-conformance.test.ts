import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { Registry } from 'prom-client';
import { systemFiles } from './embedded/files.ts';
import { type EmbeddedTelemetryStore, openEmbeddedStore } from './embedded/open-embedded-store.ts';
import type { EmbeddedStoreOptions } from './embedded/store-options.ts';
import { describeDeletion } from './deletion-conformance.ts';
import { describeHistogramStore } from './histogram-conformance.ts';
import { NOW_MS, type StoreHarness, describeStore } from './store-conformance.ts';
import type { TelemetryStore } from './store.ts';

interface Opened {
  readonly path: string;
  readonly options: Partial<EmbeddedStoreOptions>;
  readonly embedded: EmbeddedTelemetryStore;
}

function embedded(): StoreHarness {
  const opened = new Map<TelemetryStore, Opened>();
  const open = async (path: string, options: Partial<EmbeddedStoreOptions>): Promise<TelemetryStore> => {
    const store = await openEmbeddedStore({
      path,
      runtime: { now: () => NOW_MS, log: pino({ level: 'silent' }), metrics: new Registry() },
      options: { ...options, commitIntervalMs: 1, writer: { files: systemFiles } },
    });
    opened.set(store, { path, options, embedded: store });
    return store;
  };
  const take = (store: TelemetryStore): Opened => {
    const known = opened.get(store);
    if (known === undefined) throw new Error('not a store of this harness');
    return known;
  };
  return {
    open: (limits) => open(mkdtempSync(join(tmpdir(), 'plimsoll-conformance-')), limits),
    async reopen(store) {
      const { path, options } = take(store);
      await store[Symbol.asyncDispose]();
      return open(path, options);
    },
    settle: (store) => take(store).embedded.compact(),
    async close(store) {
      await store[Symbol.asyncDispose]();
      rmSync(take(store).path, { recursive: true, force: true });
    },
  };
}

describeStore('embedded store', embedded());
describeHistogramStore('embedded store', embedded());
describeDeletion('embedded store', embedded());
