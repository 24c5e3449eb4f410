import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openUnchanging } from '../../../page-sums/open-unchanging.ts';
import { checkDatabase, pagesText } from '../../../page-sums/check-database.ts';
import { hasHotJournal } from '../../../page-sums/hot-journal.ts';
import { SUMS_SUFFIX, sumsPath } from '../../../page-sums/sums-file.ts';
import { type Fault, someOf } from './fault.ts';

/** Says what is on damaged pages of a database. */
export type DescribePages = (path: string, badPages: readonly number[], pageBytes: number) => string | null;

/**
 * Checks a database by the checksums of its pages. One that has none, since an older version wrote it or it was founded
 * a moment ago, is checked by its structure alone.
 */
export function verifyDatabase(
  root: string,
  file: string,
  describe: DescribePages = describeTables,
): Fault[] {
  const path = join(root, file);
  // What lies there now is nothing that anybody reads.
  if (hasHotJournal(path)) return [];
  const { badPages, pageBytes, faults, hasSums, isTrusted } = checkDatabase(path);
  const found = faults.map((fault): Fault => ({
    file: file + fault.file.slice(path.length),
    what: fault.what,
    affected: affectedBy(fault.file),
  }));
  if (badPages.length > 0) {
    const what = pagesText(badPages, isTrusted);
    found.push({ file, what, affected: describe(path, badPages, pageBytes) });
  }
  if (!hasSums && found.length === 0) found.push(...checkStructure(path, file));
  return found;
}

/** What of a database cannot be checked; null where all can. */
export function uncheckedNote(root: string, file: string): string | null {
  const path = join(root, file);
  if (hasHotJournal(path)) {
    return `${file}: was not checked: a transaction in it was cut short, which is taken back when a collector is started`;
  }
  return existsSync(sumsPath(path)) ? null : `${file}: has no checksums yet, its structure was checked`;
}

function affectedBy(file: string): string | null {
  if (file.endsWith(SUMS_SUFFIX)) return null;
  return file.endsWith('-wal') ? 'what was written last' : 'all of it';
}

/** The tables and indexes that pages belong to. */
export function describeTables(path: string, badPages: readonly number[]): string {
  try {
    using database = openUnchanging(path);
    const find = database.prepare('SELECT name FROM dbstat WHERE pageno = ?');
    const names = badPages.flatMap((page) => {
      const row = find.get(page);
      return row === undefined ? [] : [String(row['name'])];
    });
    if (names.length === 0) return 'nothing: the page is not in use';
    return `rows of ${someOf(names, 10)}`;
  } catch {
    // The structure itself is damaged: no page of it can be told from another.
    return 'any of its tables';
  }
}

function checkStructure(path: string, file: string): Fault[] {
  try {
    // A log beside it has to be read too, and with the locks that go with it.
    const hasLog = (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
    using database = hasLog ? new DatabaseSync(path, { readOnly: true }) : openUnchanging(path);
    const results = database.prepare('PRAGMA integrity_check(5)').all();
    const complaints = results.map((row) => String(row['integrity_check'])).filter((text) => text !== 'ok');
    return complaints.map((what) => ({ file, what, affected: 'any of its tables' }));
  } catch (error) {
    const what = `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    return [{ file, what, affected: 'all of it' }];
  }
}
