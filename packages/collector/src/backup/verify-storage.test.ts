import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { budget, randomOf, seedOf } from '../../../../test/support/budget.ts';
import { faultText } from '../telemetry/embedded/verify/fault.ts';
import { backUpOffline } from './back-up-offline.ts';
import { fillStorage } from './testing.ts';
import { verifyBackup } from './verify-backup.ts';
import { verifyStorage } from './verify-storage.ts';

const FLIPS = budget({ short: 6, long: 300 });

let directory: string;
let storagePath: string;
let killedPath: string;
let random: () => number;

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'plimsoll-verify-'));
  storagePath = path.join(directory, 'data');
  killedPath = path.join(directory, 'killed');
  await fillStorage(storagePath, killedPath);
  random = randomOf(seedOf('flipped bytes'));
});
afterAll(() => rmSync(directory, { recursive: true }));

function filesBelow(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .filter((file) => statSync(path.join(root, file)).size > 0)
    .toSorted();
}

/** Changes one bit of a random byte, long ago, and answers how to undo it. */
function flip(file: string): { at: number; undo: () => void } {
  const content = readFileSync(file);
  const at = Math.floor(random() * content.length);
  const bit = 1 << Math.floor(random() * 8);
  const put = (): void => {
    content[at] = (content[at] ?? 0) ^ bit;
    writeFileSync(file, content);
    utimesSync(file, 1_700_000_000, 1_700_000_000);
  };
  put();
  return { at, undo: put };
}

/** What cannot be told from another value of its kind, or is made anew by whoever misses it. */
const UNCHECKED = new Set([
  'admin-token',
  'addresses.json',
  'desk/alive',
  'desk/projections.db',
  'telemetry/lock',
]);

it('finds nothing where nothing is wrong', async () => {
  const { faults, notes, series, journal } = await verifyStorage(storagePath);
  expect(faults.map(faultText)).toEqual([]);
  expect(notes).toEqual([]);
  expect(series).toBe(24);
  expect(journal?.events).toBeGreaterThan(20);
});

it(`names the file of each of ${FLIPS} flipped bits in every kind of file`, async () => {
  const kinds = new Set<string>();
  for (const file of filesBelow(storagePath).filter(
    (name) => !UNCHECKED.has(name) && !name.endsWith('-shm'),
  )) {
    kinds.add(path.extname(file));
    for (let i = 0; i < FLIPS; i++) {
      const { at, undo } = flip(path.join(storagePath, file));
      const { faults } = await verifyStorage(storagePath);
      undo();
      const named = faults.map(faultText);
      expect(
        named.some((text) => text.startsWith(file)),
        `${file} at byte ${at}: ${named.join('\n')}`,
      ).toBe(true);
    }
  }
  expect([...kinds].toSorted()).toEqual([
    '.blocks',
    '.db',
    '.json',
    '.log',
    '.ndjson',
    '.pem',
    '.sqlite',
    '.sums',
  ]);
  expect((await verifyStorage(storagePath)).faults).toEqual([]);
}, 600_000);

it('finds flipped bits in write-ahead logs, which a collector that was killed leaves behind', async () => {
  expect((await verifyStorage(killedPath)).faults).toEqual([]);
  const logs = filesBelow(killedPath).filter(
    (name) => name.endsWith('-wal') && !UNCHECKED.has(name.slice(0, -4)),
  );
  expect(logs).toEqual(['desk/journal.db-wal', 'hosts.sqlite-wal', 'telemetry/index.db-wal']);
  for (const file of logs) {
    for (let i = 0; i < FLIPS; i++) {
      const { at, undo } = flip(path.join(killedPath, file));
      const named = (await verifyStorage(killedPath)).faults.map(faultText);
      undo();
      expect(
        named.some((text) => text.startsWith(file)),
        `${file} at byte ${at}: ${named.join('\n')}`,
      ).toBe(true);
    }
  }
}, 600_000);

it('says which series and which time a damaged page, block or group touches', async () => {
  const texts = async (file: string): Promise<string> => {
    const { undo } = flip(path.join(storagePath, file));
    const { faults } = await verifyStorage(storagePath);
    undo();
    return faults.map(faultText).join('\n');
  };
  const log = filesBelow(storagePath).find((name) => name.endsWith('.log')) ?? '';
  expect(await texts(log)).toMatch(/affected: frames of /);
  const blocks = filesBelow(storagePath).find((name) => name.endsWith('.blocks')) ?? '';
  expect(await texts(blocks)).toMatch(/2026-04-01T04:00:00/);
  const day = path.join(storagePath, 'telemetry/days/2026-04-01.db');
  const content = readFileSync(day);
  const pages = content.length / 16_384;
  const named: string[] = [];
  for (let page = 1; page < pages; page++) {
    const changed = Buffer.from(content);
    const at = page * 16_384 + 12_000;
    changed[at] = (changed[at] ?? 0) ^ 1;
    writeFileSync(day, changed);
    utimesSync(day, 1_700_000_000, 1_700_000_000);
    named.push((await verifyStorage(storagePath)).faults.map(faultText).join('\n'));
  }
  writeFileSync(day, content);
  expect(named.join('\n')).toMatch(/24 series of host-1, host-2 \(metric_\d/);
  expect(named.every((text) => text.includes('affected: '))).toBe(true);
});

it('finds every flipped bit of a backup', async () => {
  const backup = path.join(directory, 'backup');
  await backUpOffline({
    storagePath,
    directory: backup,
    base: null,
    now: Date.now,
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  expect((await verifyBackup(backup)).faults).toEqual([]);
  for (const file of filesBelow(backup)) {
    for (let i = 0; i < FLIPS; i++) {
      const { at, undo } = flip(path.join(backup, file));
      const found = await verifyBackup(backup).then(
        ({ faults }) => faults,
        (error: unknown) => [
          path.relative(backup, String(error instanceof Error ? error.message : error).split(' ')[0] ?? ''),
        ],
      );
      undo();
      expect(
        found.some((text) => text.startsWith(file)),
        `${file} at byte ${at}: ${found.join('\n')}`,
      ).toBe(true);
    }
  }
}, 600_000);
