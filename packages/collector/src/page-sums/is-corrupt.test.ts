import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { keepSums } from './checkpoint.ts';
import { hasIntactHeader } from './check-database.ts';
import { isCorrupt } from './is-corrupt.ts';

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'plimsoll-corrupt-'));
  file = join(directory, 'a.db');
  using database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER PRIMARY KEY)');
  keepSums(database, file);
  database.exec('PRAGMA user_version = 3');
});
afterEach(() => rmSync(directory, { recursive: true }));

function failing(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
}

it('takes no lock, mode or missing file for damage, though the header is not the one that was written', () => {
  expect(hasIntactHeader(file)).toBe(false);
  using holder = new DatabaseSync(file);
  holder.exec('BEGIN IMMEDIATE');
  using other = new DatabaseSync(file);
  using reader = new DatabaseSync(file, { readOnly: true });
  for (const error of [
    failing(() => other.exec('BEGIN IMMEDIATE')),
    failing(() => reader.exec('CREATE TABLE u (id)')),
    failing(() => new DatabaseSync(join(directory, 'none', 'b.db'))),
  ]) {
    expect(error).toHaveProperty('errcode');
    expect(isCorrupt(error, file), String(error)).toBe(false);
  }
});

it('knows what is no database', () => {
  const bytes = readFileSync(file);
  bytes[2] = 0;
  writeFileSync(file, bytes);
  using database = new DatabaseSync(file);
  const error = failing(() => database.prepare('SELECT * FROM t').all());
  expect(isCorrupt(error, file)).toBe(true);
});
