import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { hasHotJournal, rollBackJournal } from './hot-journal.ts';
import { leaveHotJournal } from './testing.ts';

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'plimsoll-journal-'));
  file = join(directory, 'a.db');
});
afterEach(() => rmSync(directory, { recursive: true }));

function rows(): unknown {
  using database = new DatabaseSync(file, { readOnly: true });
  return database.prepare('SELECT count(*) AS n FROM t').get()?.['n'];
}

it('is rolled back before anybody opens a database for reading alone', () => {
  using database = new DatabaseSync(file);
  database.exec('CREATE TABLE t (data BLOB); INSERT INTO t VALUES (1), (2)');
  database.close();
  leaveHotJournal(file);
  expect(hasHotJournal(file)).toBe(true);
  expect(rows).toThrow(expect.objectContaining({ errcode: 776 }));
  rollBackJournal(file);
  expect(hasHotJournal(file)).toBe(false);
  expect(rows()).toBe(2);
});

it('is rolled back to nothing where a database was being founded', () => {
  leaveHotJournal(file);
  rollBackJournal(file);
  expect(hasHotJournal(file)).toBe(false);
  expect(readFileSync(file)).toHaveLength(0);
});
