import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { PlimsollError } from '../../../errors.ts';
import { checkDatabase, pagesText } from '../../../page-sums/check-database.ts';
import { rollBackJournal } from '../../../page-sums/hot-journal.ts';
import { renewSums } from '../../../page-sums/renew-sums.ts';
import { sumsPath } from '../../../page-sums/sums-file.ts';
import type { Runtime } from '../../../runtime.ts';
import { listBlockFiles } from '../chunk/block-files.ts';
import { listDays } from '../chunk/day-file.ts';
import { listRollupFiles } from '../rollup/rollup-file.ts';
import { readLabelsOf } from './index-file.ts';
import { INDEX_NAME, type StorePaths } from '../store-paths.ts';

/**
 * Without the index nothing tells which series samples are of, and its numbers would be given to others; and a label set
 * that changed on the disk would be believed. All of it is about to be read, so its pages are compared with their
 * checksums here: 50 MB in about 25 ms.
 *
 * @returns how many of the files beside it are damaged; they are logged.
 * @throws PlimsollError 'configuration' where the index is missing, or not as it was written.
 */
export function requireIndex(paths: StorePaths, log: Runtime['log']): number {
  const index = join(paths.root, INDEX_NAME);
  rollBackJournal(index);
  if ((statSync(index, { throwIfNoEntry: false })?.size ?? 0) === 0) {
    refuseMissing(index, paths);
    return 0;
  }
  const leftBehind = renewSums(index, log, readContent);
  const { badPages, faults, isTrusted } = checkDatabase(index);
  const changed = badPages.length > 0 ? pagesText(badPages) : faults.find(({ file }) => file === index)?.what;
  const what = leftBehind ?? (isTrusted ? changed : undefined);
  if (what !== undefined) {
    throw refusal(
      index,
      `${index} is damaged: ${what}: restore it from a backup; without one, remove ${sumsPath(index)} to open it as it is, and samples may be under wrong labels`,
    );
  }
  for (const { file, what: how } of faults) {
    log.error({ file }, `${file}: ${how}; run verify, and restore it from a backup if series are missing`);
  }
  return faults.length;
}

/** Reads all that is going to be believed. */
function readContent(database: DatabaseSync): void {
  readLabelsOf(database, () => undefined);
  // An index of an earlier version has no deletions.
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  for (const [table, column] of [
    ['received', 'ranges'],
    ['deleted', 'spans'],
  ] as const) {
    if (tables.every(({ name }) => name !== table)) continue;
    for (const row of database.prepare(`SELECT ${column} FROM ${table}`).iterate()) {
      JSON.parse(String(row[column]));
    }
  }
}

function refuseMissing(index: string, { root, days, rollups, blocks }: StorePaths): void {
  const files = listDays(days).length + listRollupFiles(rollups).length + listBlockFiles(blocks).length;
  if (files === 0 && !existsSync(sumsPath(index))) return;
  throw refusal(
    index,
    `${index} is missing, and without it nothing tells which series the samples in ${root} are of: restore it from a backup, or move the directory away to begin anew`,
  );
}

function refusal(index: string, message: string): PlimsollError {
  return new PlimsollError('configuration', message, { details: { path: index } });
}
