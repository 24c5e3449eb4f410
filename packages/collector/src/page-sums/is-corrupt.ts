import { sqliteCode } from '../sqlite-code.ts';
import { hasIntactHeader } from './check-database.ts';

/** https://www.sqlite.org/rescode.html: what is there is no database, or one whose structure does not hold. */
const CORRUPT: ReadonlySet<number> = new Set([11, 26]);
/** Busy, locked, no memory, read only, a failing disk, a full one, cannot be opened: whatever lies in the file. */
const BESIDE: ReadonlySet<number> = new Set([5, 6, 7, 8, 10, 13, 14]);

/** Whether SQLite failed over what lies in a database's file, and not over the disk or a lock. */
export function isCorrupt(error: unknown, file: string): boolean {
  const code = sqliteCode(error);
  if (code === 0) return false;
  if (CORRUPT.has(code)) return true;
  // A header that changed can also ask for what SQLite does not know.
  return !BESIDE.has(code) && !hasIntactHeader(file);
}
