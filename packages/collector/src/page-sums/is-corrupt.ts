import { hasIntactHeader } from './check-database.ts';

/** https://www.sqlite.org/rescode.html: what is there is no database, or one whose structure does not hold. */
const CORRUPT: ReadonlySet<unknown> = new Set([11, 26]);

/** Whether SQLite failed over what lies in a database's file, and not over the disk or a lock. */
export function isCorrupt(error: unknown, file: string): boolean {
  if (!(error instanceof Error && 'errcode' in error)) return false;
  // A header that changed can also ask for what SQLite does not know.
  return CORRUPT.has(error.errcode) || !hasIntactHeader(file);
}
