import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { PlimsollError } from '../../errors.ts';
import { hasIntactHeader } from '../../page-sums/check-database.ts';
import { JOURNAL_SUFFIX, rollBackJournal } from '../../page-sums/hot-journal.ts';
import { isCorrupt } from '../../page-sums/is-corrupt.ts';
import { missingDatabases } from '../../page-sums/missing-databases.ts';
import { setAsideName } from '../../page-sums/set-aside-name.ts';
import { SUMS_SUFFIX } from '../../page-sums/sums-file.ts';
import type { Runtime } from '../../runtime.ts';
import { dayFileName, isReadableDay, listDays } from './chunk/day-file.ts';
import { listRollupFiles, RollupReader } from './rollup/rollup-file.ts';
import type { StorePaths } from './store-paths.ts';

/** A database's file and those that go with it; its checksums first: where they are without it, it was lost. */
const COMPANIONS = [SUMS_SUFFIX, '', '-wal', JOURNAL_SUFFIX];

interface Candidate {
  readonly file: string;
  /** False for one whose founding was cut short. @throws PlimsollError 'configuration' for one of a newer version. */
  readonly isReadable: () => boolean;
}

/**
 * Renames the days and rollups that cannot be opened at all, so that the others can be read and written: nothing of
 * them is lost to whoever mends them, or restores them from a backup.
 *
 * @returns how many are missing beside those that were set aside, which can be counted where they lie.
 */
export function setAsideDamaged(paths: StorePaths, runtime: Pick<Runtime, 'now' | 'log'>): number {
  const candidates: Candidate[] = [
    ...listDays(paths.days).map((day) => ({
      file: join(paths.days, dayFileName(day)),
      isReadable: () => isReadableDay(paths.days, day),
    })),
    ...listRollupFiles(paths.rollups).map((rollup) => ({
      file: join(paths.rollups, rollup.name),
      isReadable: () => isReadableRollup(paths.rollups, rollup),
    })),
  ];
  const damaged = candidates.filter(isDamaged);
  for (const { file } of damaged) {
    const aside = setAsideName(file, runtime.now());
    for (const companion of COMPANIONS) {
      if (existsSync(file + companion)) renameSync(file + companion, aside + companion);
    }
    rmSync(`${file}-shm`, { force: true });
    runtime.log.error(
      { file },
      `${file} is damaged and was set aside as ${aside}: its telemetry is missing until it is restored from a backup; run verify to see whether more is damaged`,
    );
  }
  const missing = [paths.days, paths.rollups].flatMap((directory) =>
    missingDatabases(directory).map((name) => join(directory, name)),
  );
  for (const file of missing) {
    const message = `${file} is missing or empty, but its checksums are there: restore it from a backup`;
    runtime.log.error({ file }, message);
  }
  return missing.length;
}

function isReadableRollup(directory: string, file: Parameters<typeof RollupReader.open>[1]): boolean {
  using reader = RollupReader.open(directory, file);
  return reader !== undefined;
}

/** A header that changed can also say that nothing is there, or that a newer version wrote it: checksums tell. */
function isDamaged({ file, isReadable }: Candidate): boolean {
  try {
    // Before anybody opens it for reading alone, which would fail.
    rollBackJournal(file);
    using database = new DatabaseSync(file, { readOnly: true, timeout: 1000 });
    database.prepare('SELECT count(*) FROM sqlite_schema').get();
    if (isReadable()) return false;
  } catch (error) {
    if (isCorrupt(error, file)) return true;
    const isNewer = error instanceof PlimsollError && error.code === 'configuration';
    if (!isNewer) throw error;
  }
  // An empty one is missing, which is told by its checksums.
  return statSync(file).size > 0 && !hasIntactHeader(file);
}
