import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { HEADS_FILE, KEY_FILE } from '../desk/journal/head-signer.ts';
import { PlimsollError } from '../errors.ts';
import { hasIntactHeader } from '../page-sums/check-database.ts';
import { missingDatabases } from '../page-sums/missing-databases.ts';
import { SUMS_SUFFIX, sumsPath } from '../page-sums/sums-file.ts';
import { isKeyMissing } from './check-desk-files.ts';
import { contentOf } from './content-of.ts';

export const JOURNAL_FILE = 'desk/journal.db';
/** Where the databases beside telemetry are, below the storage path. */
const DIRECTORIES = ['', 'desk'];

/** Databases beside telemetry that there were and that are gone or empty, below the storage path. */
export function missingState(storagePath: string): string[] {
  const missing = DIRECTORIES.flatMap((directory) =>
    missingDatabases(path.join(storagePath, directory)).map((name) => path.posix.join(directory, name)),
  );
  const heads = path.join(storagePath, 'desk', HEADS_FILE);
  const hasJournal = existsSync(path.join(storagePath, JOURNAL_FILE));
  // Signed heads are of a journal.
  const isLost = !hasJournal && (statSync(heads, { throwIfNoEntry: false })?.size ?? 0) > 0;
  return [...new Set([...missing, ...(isLost ? [JOURNAL_FILE] : [])])];
}

/**
 * Refuses to begin anew what is gone: whoever opens a database that is missing makes an empty one in its place. A
 * database whose header changed would be taken for another, or for one of a newer version.
 *
 * @throws PlimsollError 'configuration' with the file, what it held, and what to do.
 */
export function refuseDamagedState(storagePath: string): void {
  const [missing] = missingState(storagePath);
  if (missing !== undefined) {
    const file = path.join(storagePath, missing);
    throw damaged(
      file,
      `${file} is missing or empty, and held ${contentOf(missing)}: restore it from a backup; without one, ${howToBeginAnew(storagePath, missing)}`,
    );
  }
  const desk = path.join(storagePath, 'desk');
  if (isKeyMissing(desk)) {
    const file = path.join(desk, KEY_FILE);
    throw damaged(
      file,
      `${file} is missing, and the heads of the journal were signed with it: restore it from a backup; without one, move ${path.join(desk, HEADS_FILE)} away to go on under a new key`,
    );
  }
  for (const name of summedDatabases(storagePath)) {
    const file = path.join(storagePath, name);
    if (hasIntactHeader(file)) continue;
    throw refuseDatabase(storagePath, name, 'its first page changed since it was written');
  }
}

/** The error for a database that must not be opened as it is. */
export function refuseDatabase(storagePath: string, name: string, what: string): PlimsollError {
  const file = path.join(storagePath, name);
  return damaged(
    file,
    `${file} is damaged: ${what}; it holds ${contentOf(name)}: restore it from a backup; without one, remove ${sumsPath(file)} to open it as it is, or move both away to begin with an empty one`,
  );
}

function howToBeginAnew(storagePath: string, missing: string): string {
  return missing === JOURNAL_FILE
    ? `move ${path.join(storagePath, 'desk')} away to begin a new journal`
    : `remove ${sumsPath(path.join(storagePath, missing))} to begin with an empty one`;
}

/** Databases beside telemetry that have checksums, below the storage path. */
export function summedDatabases(storagePath: string): string[] {
  return DIRECTORIES.flatMap((directory) => {
    const at = path.join(storagePath, directory);
    const names = existsSync(at) ? readdirSync(at) : [];
    return names
      .filter((name) => name.endsWith(SUMS_SUFFIX))
      .map((name) => path.posix.join(directory, name.slice(0, -SUMS_SUFFIX.length)));
  });
}

function damaged(file: string, message: string): PlimsollError {
  return new PlimsollError('configuration', message, { details: { path: file } });
}
