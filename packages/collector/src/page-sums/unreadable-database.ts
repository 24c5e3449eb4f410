import { PlimsollError } from '../errors.ts';

/** The error for a database that SQLite could not read. */
export function unreadableDatabase(path: string, error: unknown): PlimsollError {
  const why = error instanceof Error ? error.message : String(error);
  const message = `${path} cannot be read: ${why}: run verify, or restore it from a backup`;
  return new PlimsollError('unavailable', message, { cause: error, details: { path } });
}
