import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { FRAME_HEAD_BYTES, fileHeader, sealFrame } from '../telemetry/embedded/framing.ts';
import { journalPath } from './hot-journal.ts';
import { readSums, sumsPath } from './sums-file.ts';

/** Writes a database's checksums as version 1 did, and as if these pages had changed without them. */
export function leaveOldSums(database: string, stale: readonly number[]): void {
  const sums = readSums(database);
  if (sums === undefined) throw new Error(`${database} has no checksums`);
  const frame = new Uint8Array(FRAME_HEAD_BYTES + 4 + sums.newest.size * 8);
  const view = new DataView(frame.buffer, FRAME_HEAD_BYTES);
  view.setUint32(0, sums.pageBytes, true);
  let at = 4;
  for (const [number, sum] of sums.newest) {
    view.setUint32(at, number, true);
    view.setUint32(at + 4, stale.includes(number) ? ~sum >>> 0 : sum, true);
    at += 8;
  }
  sealFrame(frame);
  writeFileSync(sumsPath(database), Buffer.concat([fileHeader(3, 1), frame]));
}

/** Leaves a database, which is made where there is none, as who is killed in the middle of a large transaction does. */
export function leaveHotJournal(database: string): void {
  const elsewhere = mkdtempSync(join(tmpdir(), 'plimsoll-hot-'));
  const copy = join(elsewhere, 'copy.db');
  if (existsSync(database)) copyFileSync(database, copy);
  using open = new DatabaseSync(copy);
  // With so small a cache pages are written before the transaction ends.
  open.exec(`
    PRAGMA journal_mode = DELETE; PRAGMA cache_size = 1; PRAGMA cache_spill = 1;
    BEGIN; CREATE TABLE half_done (data BLOB)`);
  const put = open.prepare('INSERT INTO half_done VALUES (randomblob(3000))');
  for (let i = 0; i < 200; i++) put.run();
  copyFileSync(copy, database);
  copyFileSync(journalPath(copy), journalPath(database));
  open.close();
  rmSync(elsewhere, { recursive: true });
}
