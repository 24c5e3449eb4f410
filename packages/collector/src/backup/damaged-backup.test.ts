import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { budget, randomOf, seedOf } from '../../../../test/support/budget.ts';
import { openEmbeddedStore } from '../telemetry/embedded/open-embedded-store.ts';
import { faultText } from '../telemetry/embedded/verify/fault.ts';
import { backUpOffline } from './back-up-offline.ts';
import { createBackups } from './backups.ts';
import type { Manifest } from './manifest.ts';
import { restoreBackup } from './restore-backup.ts';
import { fillStorage, START_MS } from './testing.ts';
import { verifyBackup } from './verify-backup.ts';
import { verifyStorage } from './verify-storage.ts';

const FLIPS = budget({ short: 2, long: 100 });
const random = randomOf(seedOf('damaged backups'));

const DAY = 'telemetry/days/2026-04-01.db';
let directory: string;
let whole: string;
let killed: string;
let taken = 0;

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'plimsoll-damaged-backup-'));
  whole = path.join(directory, 'whole');
  killed = path.join(directory, 'killed');
  await fillStorage(whole, killed);
}, 30_000);
afterAll(() => rmSync(directory, { recursive: true }));

function backUp(storagePath: string, base: string | null = null): Promise<Manifest> {
  const target = path.join(directory, `backup-${++taken}`);
  const signal = new AbortController().signal;
  return backUpOffline({
    storagePath,
    directory: target,
    base,
    now: Date.now,
    signal,
    onProgress: () => undefined,
  });
}

function newest(what: string): string {
  return path.join(directory, `${what}-${taken}`);
}

function restore(): ReturnType<typeof restoreBackup> {
  const storagePath = newest('restored');
  return restoreBackup({
    directory: newest('backup'),
    storagePath,
    now: Date.now,
    onProgress: () => undefined,
  });
}

/** A copy of a storage path; nobody has written to it lately. */
function copyOf(storagePath: string, name: string): string {
  const copy = path.join(directory, name);
  cpSync(storagePath, copy, { recursive: true, preserveTimestamps: true });
  for (const file of filesBelow(copy)) utimesSync(path.join(copy, file), 1_700_000_000, 1_700_000_000);
  return copy;
}

function filesBelow(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .filter((file) => statSync(path.join(root, file)).size > 0)
    .toSorted();
}

/** Changes one bit of a byte, as if long ago; again undoes it. */
function flip(file: string, at: number, bit = 1): void {
  const content = readFileSync(file);
  content[at] = (content[at] ?? 0) ^ bit;
  writeFileSync(file, content);
  utimesSync(file, 1_700_000_000, 1_700_000_000);
}

/** Not copied, made anew by whoever misses it, or without a form that could be told from another. */
const UNCHECKED =
  /^(?:admin-token|addresses\.json|desk\/alive|desk\/projections\.db.*|telemetry\/lock|.*-shm)$/;

it('of what is whole names no damage', async () => {
  for (const storagePath of [copyOf(whole, 'sound'), copyOf(killed, 'sound-killed')]) {
    const manifest = await backUp(storagePath);
    expect(manifest).toMatchObject({ version: 1 });
    expect(manifest.damages).toBeUndefined();
  }
});

it.each(['whole', 'killed'])(
  `is finished, and names each of ${FLIPS} flipped bits in every file of a store that is %s`,
  async (which) => {
    const storagePath = copyOf(which === 'whole' ? whole : killed, `flipped-${which}`);
    const hasHeads = existsSync(path.join(storagePath, 'desk/heads.ndjson'));
    // Any bytes are a key, until something was signed with it.
    const files = filesBelow(storagePath).filter(
      (file) => !UNCHECKED.test(file) && (hasHeads || !file.endsWith('.pem')),
    );
    expect(files.length).toBeGreaterThan(8);
    for (const file of files) {
      for (let i = 0; i < FLIPS; i++) {
        const at = Math.floor(random() * statSync(path.join(storagePath, file)).size);
        const bit = 1 << Math.floor(random() * 8);
        flip(path.join(storagePath, file), at, bit);
        const { damages = [] } = await backUp(storagePath);
        flip(path.join(storagePath, file), at, bit);
        const name = file.replace(/(?:-wal|\.sums)$/, '');
        expect(
          damages.map((damage) => damage.path),
          `${file} at ${at}, bit ${bit}`,
        ).toContain(name);
        const { faults } = await verifyBackup(newest('backup'));
        expect(faults, `${file} at ${at}, bit ${bit}`).toContainEqual(
          expect.stringMatching(`^${name}: .*before it was copied`),
        );
      }
    }
  },
  600_000,
);

it('says which series are on a damaged page, is restored with it, and verify goes on naming it', async () => {
  const storagePath = copyOf(whole, 'page');
  flip(path.join(storagePath, DAY), 3 * 16_384 + 12_000);
  const { damages } = await backUp(storagePath);
  expect(damages).toEqual([
    {
      path: DAY,
      what: 'page 4 changed since it was written',
      affected: 'the samples of that day',
      pages: [4],
      pageBytes: 16_384,
    },
  ]);
  const expected = [
    expect.stringMatching(`^${DAY}: page 4 changed .*affected: \\d+ series of host-1, host-2`),
  ];
  expect((await verifyBackup(newest('backup'))).faults).toEqual(expected);
  expect((await restore()).damages).toEqual(expected);
  const restored = newest('restored');
  for (const file of filesBelow(restored))
    utimesSync(path.join(restored, file), 1_700_000_000, 1_700_000_000);
  expect((await verifyStorage(restored)).faults.map(faultText)).toEqual([
    expect.stringMatching(`^${DAY}: page 4 changed`),
  ]);
});

it('has all else of a store with files that are no database any more, or gone', async () => {
  const storagePath = copyOf(whole, 'wrecked');
  for (const file of ['hosts.sqlite', 'desk/journal.db']) {
    const content = readFileSync(path.join(storagePath, file)).fill(0x55, 0, 200);
    writeFileSync(path.join(storagePath, file), content);
  }
  rmSync(path.join(storagePath, DAY));
  rmSync(path.join(storagePath, 'desk/heads.ndjson'));
  const manifest = await backUp(storagePath);
  expect(new Set(manifest.damages?.map((damage) => damage.path))).toEqual(
    new Set(['hosts.sqlite', 'desk/journal.db', DAY]),
  );
  const { damages } = await restore();
  expect(damages.join('\n')).toMatch(/hosts\.sqlite: is no database that can be read, before/);
  expect(damages.join('\n')).toMatch(/2026-04-01\.db: is missing or empty/);
});

it('does not share what was damaged in the one before', async () => {
  const storagePath = copyOf(whole, 'shared');
  const at = 2 * 16_384 + 9000;
  flip(path.join(storagePath, DAY), at);
  await backUp(storagePath);
  const base = newest('backup');
  // Mended, with the same size and time.
  flip(path.join(storagePath, DAY), at);
  expect((await backUp(storagePath, base)).damages).toBeUndefined();
  expect((await verifyBackup(newest('backup'))).faults).toEqual([]);
});

it('of a running collector is counted as damaged, and logged', async () => {
  const storagePath = copyOf(whole, 'online');
  const lines: { level: number; msg: string }[] = [];
  const sink = { write: (line: string) => void lines.push(JSON.parse(line) as (typeof lines)[number]) };
  const runtime = { now: () => START_MS, log: pino({}, sink), metrics: new Registry() };
  await using store = await openEmbeddedStore({ path: path.join(storagePath, 'telemetry'), runtime });
  flip(path.join(storagePath, DAY), 2 * 16_384 + 9000);
  await using backups = createBackups({
    runtime,
    storagePath,
    backUp: (copy) => store.backUp(copy),
    configuration: () => [],
  });
  const run = backups.start({ directory: path.join(directory, 'online-backup'), base: null });
  await expect.poll(() => run.manifest, { timeout: 20_000 }).not.toBeNull();
  expect(run.manifest?.damages).toMatchObject([{ path: DAY, pages: [3] }]);
  expect(lines.filter(({ level }) => level >= 50).map(({ msg }) => msg)).toEqual([
    expect.stringMatching(/2026-04-01\.db page 3 changed .*run verify/),
  ]);
  const text = await runtime.metrics.metrics();
  expect(text).toMatch('plimsoll_backups_total{outcome="damaged"} 1');
  expect(text).toMatch('plimsoll_backup_last_success_timestamp_seconds 0');
});
