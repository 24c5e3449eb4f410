import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { leaveHotJournal } from '../page-sums/testing.ts';
import { openState } from '../startup/open-state.ts';
import { type EmbeddedTelemetryStore, openEmbeddedStore } from '../telemetry/embedded/open-embedded-store.ts';
import { readIdentity } from '../telemetry/embedded/store-identity.ts';
import type { SequenceRange } from '../telemetry/store.ts';
import { backUpOffline, type OfflineBackupOptions } from './back-up-offline.ts';
import { createBackup } from './create-backup.ts';
import { lostRanges } from './lost-ranges.ts';
import { MANIFEST_FILE } from './manifest.ts';
import { readRestoreMark, refuseHalfRestored } from './restore-mark.ts';
import { restoreBackup } from './restore-backup.ts';
import { appendFrames, fillStorage, START_MS } from './testing.ts';
import { verifyBackup } from './verify-backup.ts';
import { verifyStorage } from './verify-storage.ts';

let directory: string;
let storagePath: string;
let backup: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'plimsoll-backup-'));
  storagePath = path.join(directory, 'data');
  backup = path.join(directory, 'backup');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const runtime = () => ({ now: () => START_MS, log: pino({ level: 'silent' }), metrics: new Registry() });

async function openStore(root: string): Promise<EmbeddedTelemetryStore> {
  return openEmbeddedStore({
    path: path.join(root, 'telemetry'),
    runtime: runtime(),
    options: { commitIntervalMs: 1 },
  });
}

function optionsFor(changes: Partial<OfflineBackupOptions> = {}): OfflineBackupOptions {
  return {
    storagePath,
    directory: backup,
    base: null,
    now: Date.now,
    signal: new AbortController().signal,
    onProgress: () => undefined,
    ...changes,
  };
}

async function restore(from = backup, to = path.join(directory, 'restored')): Promise<string> {
  await restoreBackup({ directory: from, storagePath: to, now: Date.now, onProgress: () => undefined });
  return to;
}

/** How many samples of `metric_0` each host has, and the newest sequence among them. */
async function held(store: EmbeddedTelemetryStore): Promise<(readonly [samples: number, newest: number])[]> {
  const columns = await store.select({
    matchers: [{ name: '__name__', type: '=', value: 'metric_0' }],
    startMs: START_MS,
    endMs: START_MS + 1e9,
  });
  return columns.map(({ values }) => [values.length, Math.floor((values.at(-1) ?? 0) / 100)] as const);
}

describe('a backup of a store that goes on', () => {
  it('has what was appended before the line and nothing after it, whatever is sealed and merged meanwhile', async () => {
    await using store = await openStore(storagePath);
    let sequence = 0;
    const more = async (frames: number): Promise<void> => {
      await appendFrames(store, sequence + 1, sequence + frames);
      sequence += frames;
    };
    await more(1600);
    for (let round = 1; round <= 4; round++) {
      // Merges and checkpoints are asked for before and while the backup is taken.
      const compacted = store.compact();
      await more(130);
      let atLine = 0;
      const target = path.join(directory, `backup-${round}`);
      const taken = createBackup({
        ...optionsFor({
          directory: target,
          base: round > 1 ? path.join(directory, `backup-${round - 1}`) : null,
        }),
        online: true,
        configuration: [],
        backUp: (copy) =>
          store.backUp((cut) =>
            copy(() => {
              // Appended in the same turn, before the line and behind it.
              void more(1);
              atLine = sequence + 1;
              const files = cut();
              sequence++;
              void more(1);
              return files;
            }),
          ),
      });
      const compactedToo = store.compact();
      await taken;
      await Promise.all([compacted, compactedToo]);
      expect((await verifyBackup(target)).faults).toEqual([]);
      const restored = await restore(target, path.join(directory, `restored-${round}`));
      expect((await verifyStorage(restored)).faults).toEqual([]);
      await using again = await openStore(restored);
      expect(new Set((await held(again)).map(([, newest]) => newest))).toEqual(new Set([atLine]));
      expect(again.incarnation).not.toBe(store.incarnation);
      sequence += 1;
      await more(20);
    }
  }, 60_000);
});

describe('a backup', () => {
  let filled: string;
  beforeAll(async () => {
    filled = mkdtempSync(path.join(tmpdir(), 'plimsoll-filled-'));
    await fillStorage(filled);
  }, 30_000);
  afterAll(() => rmSync(filled, { recursive: true }));
  beforeEach(() => cpSync(filled, storagePath, { recursive: true, preserveTimestamps: true }));

  it('becomes a storage path that holds the same, under another incarnation', async () => {
    const before = await verifyStorage(storagePath);
    const manifest = await backUpOffline(optionsFor());
    expect(manifest).toMatchObject({ online: false, journal: { events: before.journal?.events } });
    const restored = await restore();
    const after = await verifyStorage(restored);
    expect(after.faults).toEqual([]);
    expect(after.notes).toEqual([]);
    expect(after.journal).toEqual(before.journal);
    const [was, is] = [storagePath, restored].map(
      (root) => readIdentity(path.join(root, 'telemetry')).incarnation,
    );
    expect(is).not.toBe(was);
    expect(readRestoreMark(restored)).toMatchObject({ previousIncarnation: was, incarnation: is });
    const contents: unknown[] = [];
    for (const root of [storagePath, restored]) {
      await using store = await openStore(root);
      contents.push(await held(store));
    }
    expect(contents[1]).toEqual(contents[0]);
  });

  it('shares days that did not change with the one before', async () => {
    await backUpOffline(optionsFor());
    const second = path.join(directory, 'second');
    await backUpOffline(optionsFor({ directory: second, base: backup }));
    const day = 'telemetry/days/2026-04-01.db';
    expect(statSync(path.join(second, day)).ino).toBe(statSync(path.join(backup, day)).ino);
    expect((await verifyBackup(second)).faults).toEqual([]);
  });

  it('has files whose founding was cut short as if it had not begun, and leaves them as they are', async () => {
    const cutShort = ['telemetry/days/2026-04-02.db', 'telemetry/rollups/1h-2025.db'];
    for (const file of cutShort) leaveHotJournal(path.join(storagePath, file));
    const { notes } = await verifyStorage(storagePath);
    for (const file of cutShort)
      expect(notes).toContainEqual(expect.stringMatching(new RegExp(`^${file}: .* cut short`)));
    const sizeOf = (file: string) => statSync(path.join(storagePath, file)).size;
    const before = cutShort.map((file) => [sizeOf(file), sizeOf(`${file}-journal`)]);
    const { damages } = await backUpOffline(optionsFor());
    expect(damages).toBeUndefined();
    expect(cutShort.map((file) => [sizeOf(file), sizeOf(`${file}-journal`)])).toEqual(before);
    expect((await verifyBackup(backup)).faults).toEqual([]);
    const restored = await restore();
    expect((await verifyStorage(restored)).faults).toEqual([]);
    await using store = await openStore(restored);
    expect(await held(store)).toHaveLength(2);
  });

  it('is readable by its owner alone', async () => {
    await backUpOffline(optionsFor());
    for (const entry of readdirSync(backup, { recursive: true, withFileTypes: true })) {
      expect(statSync(path.join(entry.parentPath, entry.name)).mode & 0o077, entry.name).toBe(0);
    }
  });

  it('is refused where it cannot be', async () => {
    await expect(backUpOffline(optionsFor({ directory: path.join(storagePath, 'b') }))).rejects.toMatchObject(
      {
        code: 'invalid_argument',
      },
    );
    writeFileSync(path.join(directory, 'file'), '');
    await expect(backUpOffline(optionsFor({ directory }))).rejects.toMatchObject({
      code: 'invalid_argument',
    });
    await expect(
      backUpOffline(optionsFor({ storagePath: path.join(directory, 'none') })),
    ).rejects.toMatchObject({
      code: 'not_found',
    });
    // A file system that takes no new directories.
    await expect(backUpOffline(optionsFor({ directory: '/proc/backup' }))).rejects.toMatchObject({
      code: 'unavailable',
    });
    const store = await openStore(storagePath);
    await expect(backUpOffline(optionsFor())).rejects.toMatchObject({ code: 'locked' });
    await store[Symbol.asyncDispose]();
  });

  it('that is ended leaves nothing behind', async () => {
    const stop = new AbortController();
    let done = 0;
    const onProgress = (): void => {
      if (++done === 3) stop.abort(new Error('enough'));
    };
    await expect(backUpOffline(optionsFor({ signal: stop.signal, onProgress }))).rejects.toThrow('enough');
    expect(readdirSync(backup)).toEqual([]);
  });

  it('without a manifest, of a newer version, or damaged is not restored', async () => {
    await backUpOffline(optionsFor());
    const manifest = path.join(backup, MANIFEST_FILE);
    const text = readFileSync(manifest, 'utf8');
    rmSync(manifest);
    await expect(restore()).rejects.toMatchObject({
      code: 'failed_precondition',
      message: /has no manifest.json/,
    });
    writeFileSync(manifest, text.replace('"version": 1', '"version": 3'));
    await expect(restore()).rejects.toMatchObject({ code: 'configuration', message: /newer version/ });
    writeFileSync(manifest, text.replace('"events": ', '"events": 1'));
    await expect(restore()).rejects.toMatchObject({ code: 'failed_precondition', message: /damaged/ });
    writeFileSync(manifest, text);
    const index = path.join(backup, 'telemetry/index.db');
    cpSync(index, `${index}.kept`);
    writeFileSync(index, readFileSync(index).fill(1, 5000, 5001));
    await expect(restore()).rejects.toMatchObject({
      message: /telemetry\/index.db: its content was changed/,
    });
    // Nothing was written before all of it was checked.
    expect(readdirSync(path.join(directory, 'restored'))).toEqual([]);
  });

  it('is restored into an empty directory only, and a restore that was cut short is not started', async () => {
    await backUpOffline(optionsFor());
    const restored = await restore();
    await expect(restore()).rejects.toMatchObject({ code: 'failed_precondition', message: /is not empty/ });
    writeFileSync(path.join(restored, 'restore.incomplete'), '');
    expect(() => refuseHalfRestored(restored)).toThrow(/was cut short/);
    const config = { storagePath: restored } as Parameters<typeof openState>[0];
    await expect(openState(config, {} as never, runtime())).rejects.toMatchObject({ code: 'configuration' });
    expect(existsSync(path.join(restored, 'telemetry/lock'))).toBe(false);
  });
});

function range(epoch: number, first: number, last: number): SequenceRange {
  return { epoch, first, last };
}

describe('what a restore lost of an agent', () => {
  it('is what is missing behind the cut', () => {
    expect(lostRanges([range(5, 1, 40), range(5, 52, 60)], 5, 40)).toEqual([range(5, 41, 51)]);
    expect(lostRanges([range(5, 1, 60)], 5, 40)).toEqual([]);
    expect(lostRanges([], 5, 40)).toEqual([]);
  });

  it('is not what was missing before it, nor of earlier epochs', () => {
    expect(lostRanges([range(4, 3, 9), range(5, 1, 10), range(5, 20, 60)], 5, 40)).toEqual([]);
  });

  it('is the beginning of epochs that began behind it', () => {
    expect(lostRanges([range(5, 1, 40), range(7, 11, 12), range(7, 20, 20)], 5, 40)).toEqual([
      range(7, 1, 10),
      range(7, 13, 19),
    ]);
  });
});
