import { existsSync, fstatSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { KeptFiles } from './kept-files.ts';

const LOCKS = '/proc/locks';

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'plimsoll-kept-'));
  file = path.join(directory, 'a.db');
});
afterEach(() => rmSync(directory, { recursive: true }));

function openDatabase(): DatabaseSync {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (a)');
  return database;
}

function locksOn(name: string): number {
  const { ino } = statSync(name);
  return readFileSync(LOCKS, 'utf8')
    .split('\n')
    .filter((line) => line.includes(`:${ino} `)).length;
}

it.skipIf(!existsSync(LOCKS))('leaves SQLite the locks of a database that it reads', async () => {
  await using kept = new KeptFiles();
  using database = openDatabase();
  const before = locksOn(file);
  expect(before).toBeGreaterThan(0);
  expect(await kept.open(file)).toBeDefined();
  await kept.closeRemoved();
  expect(locksOn(file)).toBe(before);
  expect(database.isOpen).toBe(true);
});

it('opens a file once, and anew where another has its name', async () => {
  await using kept = new KeptFiles();
  expect(await kept.open(file)).toBeUndefined();
  openDatabase().close();
  const first = await kept.open(file);
  expect(await kept.open(file)).toBe(first);
  rmSync(file);
  expect(await kept.open(file)).toBeUndefined();
  openDatabase().close();
  expect(await kept.open(file)).not.toBe(first);
});

it('closes what was removed', async () => {
  await using kept = new KeptFiles();
  openDatabase().close();
  const fd = await kept.open(file);
  expect(isOfNoName(fd)).toBe(false);
  rmSync(file);
  expect(isOfNoName(fd)).toBe(true);
  await kept.closeRemoved();
  expect(isOfNoName(fd)).toBe(false);
});

/** False also for a number that is of no file any more. */
function isOfNoName(fd = -1): boolean {
  try {
    return fstatSync(fd).nlink === 0;
  } catch {
    return false;
  }
}
