import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Labels } from '@plimsoll/promql';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { builtinCatalogue } from '../catalogue/builtin.ts';
import { openDesk } from '../desk/open-desk.ts';
import { openHostRegistry } from '../hosts/open-host-registry.ts';
import { SumsKeeper } from '../page-sums/sums-keeper.ts';
import { loadAdminToken } from '../security/admin-token.ts';
import { type EmbeddedTelemetryStore, openEmbeddedStore } from '../telemetry/embedded/open-embedded-store.ts';

export const START_MS = Date.UTC(2026, 3, 1, 0, 0, 0);
const STEP_MS = 10_000;
const SERIES = 12;
const AGENTS = ['0190a000-0000-7000-8000-000000000001', '0190a000-0000-7000-8000-000000000002'];

/**
 * A storage path as a collector leaves it, with something in files of every kind; and if asked for, a copy of it as one
 * that was killed leaves it.
 */
export async function fillStorage(storagePath: string, killedPath?: string): Promise<void> {
  mkdirSync(storagePath, { recursive: true });
  const clock = { nowMs: START_MS };
  const runtime = { now: () => clock.nowMs, log: pino({ level: 'silent' }), metrics: new Registry() };
  const store = await openEmbeddedStore({
    path: path.join(storagePath, 'telemetry'),
    runtime,
    options: { commitIntervalMs: 1 },
  });
  // Two windows and a half are in the day, half an hour in blocks and log.
  const dayFrames = 1800;
  for (let i = 0; i < dayFrames; i += 100) await appendFrames(store, i + 1, i + 100);
  await store.compact();
  for (let i = 0; i < 200; i += 50) await appendFrames(store, dayFrames + i + 1, dayFrames + i + 50);
  await loadAdminToken(storagePath);
  using sums = new SumsKeeper(runtime);
  using hosts = openHostRegistry(storagePath, runtime.now);
  sums.watch(path.join(storagePath, 'hosts.sqlite'));
  for (const [i, agentId] of AGENTS.entries()) {
    hosts.connected({
      agentId,
      keyHash: 'ab'.repeat(32),
      machineIdHash: 'cd'.repeat(32),
      instance: `host-${i + 1}`,
      labels: {},
      agentVersion: '0.1.0',
      collectIntervalMs: STEP_MS,
      firstSeenMs: START_MS,
      lastSeenMs: START_MS,
      facts: null,
    });
  }
  await using desk = await openDesk({
    path: path.join(storagePath, 'desk'),
    runtime,
    config: { reopenGraceMs: 1, problemOccurrences: 3, problemWindowMs: 1, closeAfterMs: 1 },
    catalogue: builtinCatalogue(),
    lookupBackup: () => null,
  });
  sums.watch(path.join(storagePath, 'desk', 'journal.db'));
  for (let i = 0; i < 30; i++) {
    await desk.record({
      type: i % 2 === 0 ? 'host.up' : 'host.down',
      agentId: AGENTS[0] ?? '',
      instance: 'host-1',
      atMs: i,
    });
  }
  writeFileSync(path.join(storagePath, 'addresses.json'), '{}\n');
  if (killedPath !== undefined) cpSync(storagePath, killedPath, { recursive: true });
  await store[Symbol.asyncDispose]();
}

/** Frames with these sequences of both agents; the value is the sequence. */
export async function appendFrames(
  store: EmbeddedTelemetryStore,
  first: number,
  last: number,
): Promise<void> {
  const durable: Promise<void>[] = [];
  for (const [n, agentId] of AGENTS.entries()) {
    const refs = store.internSeries(
      Array.from({ length: SERIES }, (_, i) =>
        Labels.of({ __name__: `metric_${i}`, instance: `host-${n + 1}` }),
      ),
    );
    for (let sequence = first; sequence <= last; sequence++) {
      const values = Float64Array.from(refs, (_, i) => sequence * 100 + ((sequence * (i + 1)) % 17));
      const timestampMs = START_MS + sequence * STEP_MS;
      durable.push(
        store.appendFrame({ agentId, epoch: 1, sequence, timestampMs, refs, values, backfill: false })
          .durable,
      );
    }
  }
  await Promise.all(durable);
}
