import { DatabaseSync } from 'node:sqlite';
import type { Runtime } from '../runtime.ts';
import { checkDatabase, type DatabaseCheck } from './check-database.ts';
import { checkpoint } from './checkpoint.ts';
import { isCorrupt } from './is-corrupt.ts';

/**
 * Makes checksums anew that an earlier version of plimsoll may have left behind their database. Where pages do not agree
 * with them, that is logged, and the database has to be intact in itself. Does nothing where they can be trusted.
 *
 * @param readContent is given such a database, and throws where it cannot be understood.
 * @returns what does not hold; the checksums are as they were then.
 */
export function renewSums(
  file: string,
  log: Runtime['log'],
  readContent: (database: DatabaseSync) => void = () => undefined,
): string | null {
  const { isTrusted, badPages, faults } = checkDatabase(file);
  if (isTrusted) return null;
  tellOfFilesBeside(file, faults, log);
  const isWhole = badPages.length === 0 && faults.every((fault) => fault.file !== file);
  if (!isWhole) {
    log.warn(
      { file, pages: badPages.length },
      `${file}: ${badPages.length} pages do not agree with their checksums, which an earlier version of plimsoll may have left behind: if the database is intact in itself they are made anew`,
    );
  }
  try {
    using database = new DatabaseSync(file, { timeout: 1000 });
    const complaint = isWhole
      ? 'ok'
      : Object.values(database.prepare('PRAGMA quick_check(1)').get() ?? {})[0];
    if (complaint !== 'ok') return String(complaint);
    if (!isWhole) readContent(database);
    checkpoint(database, file);
    return null;
  } catch (error) {
    const isBeside = error instanceof Error && 'errcode' in error && !isCorrupt(error, file);
    if (isBeside) throw error;
    return error instanceof Error ? error.message : String(error);
  }
}

/** Copying the write-ahead log back takes away what cannot be read of it, and with it what tells of it. */
function tellOfFilesBeside(database: string, faults: DatabaseCheck['faults'], log: Runtime['log']): void {
  for (const { file, what } of faults) {
    if (file !== database)
      log.error({ file }, `${file}: ${what}: restore ${database} from a backup if it is missed`);
  }
}
