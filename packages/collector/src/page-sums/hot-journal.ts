import { closeSync, openSync, readSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { hasCode } from '../has-code.ts';

/** What the name of a database ends with where its journal is. */
export const JOURNAL_SUFFIX = '-journal';
/** SQLITE_READONLY_ROLLBACK, https://www.sqlite.org/rescode.html */
const READ_ONLY_ROLLBACK = 776;

/** Where what a transaction changes is kept as it was, of a database that has no write-ahead log yet. */
export function journalPath(database: string): string {
  return database + JOURNAL_SUFFIX;
}

/**
 * Whether a transaction of a database was cut short, or is at work: what lies in its file is neither what was before it
 * nor what should be after it, and SQLite does not open it for reading alone.
 */
export function hasHotJournal(database: string): boolean {
  let fd: number;
  try {
    fd = openSync(journalPath(database), 'r');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
  try {
    // SQLite takes a journal that begins with a zero for one that is done.
    const first = new Uint8Array(1);
    return readSync(fd, first, 0, 1, 0) === 1 && first[0] !== 0;
  } finally {
    closeSync(fd);
  }
}

/** Whether SQLite failed over such a journal, whose transaction nobody is at work on. */
export function isCutShort(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === READ_ONLY_ROLLBACK;
}

/**
 * Takes back what was cut short in a database, if anything was. Databases of ours have a write-ahead log from their
 * founding on, which itself has none.
 */
export function rollBackJournal(database: string): void {
  if (!hasHotJournal(database)) return;
  using opened = new DatabaseSync(database, { timeout: 1000 });
  opened.prepare('SELECT count(*) FROM sqlite_schema').get();
}
