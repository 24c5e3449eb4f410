import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Runtime } from '../../runtime.ts';
import { listDays, dayFileName } from './chunk/day-file.ts';
import { listRollupFiles } from './rollup/rollup-file.ts';
import type { StorePaths } from './store-paths.ts';

/** https://www.sqlite.org/rescode.html: what is there is no database, or one whose structure does not hold. */
const DAMAGED: ReadonlySet<unknown> = new Set([11, 26]);

/** A database's file and those that go with it. */
const COMPANIONS = ['', '-wal', '.sums'];

/**
 * Renames the days and rollups that cannot be opened at all, so that the others can be read and written: nothing of
 * them is lost to whoever mends them, or restores them from a backup.
 *
 * @returns how many there were, with those that are missing.
 */
export function setAsideDamaged(paths: StorePaths, runtime: Pick<Runtime, 'now' | 'log'>): number {
  const files = [
    ...listDays(paths.days).map((day) => join(paths.days, dayFileName(day))),
    ...listRollupFiles(paths.rollups).map(({ name }) => join(paths.rollups, name)),
  ];
  const damaged = files.filter((file) => problemOf(file) !== null);
  for (const file of damaged) {
    const aside = `${file}.damaged-${runtime.now()}`;
    for (const companion of COMPANIONS) {
      if (existsSync(file + companion)) renameSync(file + companion, aside + companion);
    }
    rmSync(`${file}-shm`, { force: true });
    runtime.log.error(
      { file },
      `${file} is damaged and was set aside as ${aside}: its telemetry is missing until it is restored from a backup; run verify to see whether more is damaged`,
    );
  }
  const missing = [paths.days, paths.rollups].flatMap(missingIn);
  for (const file of missing) {
    const message = `${file} is missing or empty, but its checksums are there: restore it from a backup`;
    runtime.log.error({ file }, message);
  }
  return damaged.length + missing.length;
}

/** Databases that there were: they are never removed before their checksums. */
function missingIn(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.db.sums'))
    .map((name) => join(directory, name.slice(0, -'.sums'.length)))
    .filter((file) => (statSync(file, { throwIfNoEntry: false })?.size ?? 0) === 0);
}

function problemOf(file: string): string | null {
  try {
    using database = new DatabaseSync(file, { readOnly: true, timeout: 1000 });
    database.prepare('PRAGMA user_version').get();
    database.prepare('SELECT count(*) FROM sqlite_schema').get();
    return null;
  } catch (error) {
    if (!(error instanceof Error && 'errcode' in error && DAMAGED.has(error.errcode))) throw error;
    return error.message;
  }
}
