import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { PlimsollError } from '../../errors.ts';

/**
 * Takes the exclusive right to a data directory. The lock is the operating system's, held through SQLite on a file of
 * its own: it ends with the process however that ends, so nothing has to be cleaned up after a kill.
 *
 * @throws PlimsollError 'locked' where another process has it, 'unavailable' where the directory cannot be written.
 */
export function lockDirectory(path: string): Disposable {
  const file = join(path, 'lock');
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { timeout: 0 });
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    throw lockError(path, error);
  }
  const held = database;
  return { [Symbol.dispose]: () => held.close() };
}

function lockError(path: string, error: unknown): PlimsollError {
  const message = error instanceof Error ? error.message : String(error);
  if (message.includes('locked')) {
    return new PlimsollError('locked', `${path} is in use by another plimsoll: stop that one first`, {
      cause: error,
      details: { path },
    });
  }
  return new PlimsollError('unavailable', `${path} cannot be written: ${message}`, {
    cause: error,
    details: { path },
  });
}
