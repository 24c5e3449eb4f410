/** SQLite's primary result code of an error, 0 where it is not SQLite's: https://www.sqlite.org/rescode.html */
export function sqliteCode(error: unknown): number {
  // The bits above tell more of the same.
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
}
