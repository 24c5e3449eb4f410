import { existsSync, rmSync, statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { pageBytesOf, readParts } from './database-pages.ts';
import {
  appendSums,
  areTrusted,
  areWhole,
  type LogSums,
  readSums,
  rewriteSums,
  sumsPath,
} from './sums-file.ts';
import { readWal } from './wal-pages.ts';

/**
 * Makes a database's write-ahead log wait for `checkpoint`, which keeps checksums of all pages beside the database:
 * SQLite itself would not notice a byte that changed on the disk. Called for a connection that writes, once.
 */
export function keepSums(database: DatabaseSync, file: string): void {
  database.exec('PRAGMA wal_autocheckpoint = 0');
  // A connection counts once it has read: until then the end of any other one is the last's, which copies the log back.
  database.prepare('SELECT count(*) FROM sqlite_schema').get();
  if (!existsSync(sumsPath(file))) adopt(database, file);
}

/**
 * Copies the write-ahead log back into the database, and before that writes down which checksums its pages will have:
 * wherever this is cut short, or ended by a reader that still needs the log, each page has a checksum that is known.
 */
export function checkpoint(database: DatabaseSync, file: string): void {
  const before = readSums(file);
  if (before === undefined || !areWhole(before) || !areTrusted(before)) {
    adopt(database, file);
    return;
  }
  appendSums(file, before, committedSums(file));
  truncateLog(database);
}

/** As `checkpoint`, when the log has grown beyond this. */
export function checkpointAbove(database: DatabaseSync, file: string, walBytes: number): void {
  if ((statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > walBytes) checkpoint(database, file);
}

/**
 * Closes the last connection that writes. SQLite would copy the log back by itself then; where the checksums cannot be
 * written first, for want of space, there are none from then on until the database is opened again.
 */
export function closeSummed(database: DatabaseSync, file: string): void {
  try {
    checkpoint(database, file);
  } catch {
    rmSync(sumsPath(file), { force: true });
  } finally {
    database.close();
  }
}

/** Begins to keep checksums of a database as it is: one that was never watched, or came from a backup. */
function adopt(database: DatabaseSync, file: string): void {
  truncateLog(database);
  sumPages(file);
}

/**
 * Writes down the checksums of a database that nobody has open and that has no write-ahead log; of pages that are known
 * to be damaged ones that they do not have, so that the damage is not forgotten.
 */
export function sumPages(file: string, damaged: readonly number[] = []): void {
  const sums = new Map<number, number>();
  let pageBytes = 0;
  for (const part of readParts(file)) {
    if (sums.size === 0) pageBytes = pageBytesOf(part);
    if (pageBytes === 0) return;
    for (let at = 0; at + pageBytes <= part.length; at += pageBytes) {
      sums.set(sums.size + 1, crc32(part.subarray(at, at + pageBytes)));
    }
  }
  for (const number of damaged) {
    const sum = sums.get(number);
    if (sum !== undefined) sums.set(number, ~sum >>> 0);
  }
  if (sums.size > 0) rewriteSums(file, pageBytes, sums);
}

function truncateLog(database: DatabaseSync): void {
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
}

function committedSums(file: string): LogSums {
  const found: [number: number, sum: number, endBytes: number][] = [];
  const { pageBytes, salts, committedBytes } = readWal(`${file}-wal`, ({ number, bytes }, endBytes) => {
    found.push([number, crc32(bytes), endBytes]);
  });
  const sums = new Map<number, Set<number>>();
  for (const [number, sum, endBytes] of found) {
    if (endBytes > committedBytes) break;
    let all = sums.get(number);
    if (all === undefined) sums.set(number, (all = new Set()));
    all.delete(sum);
    all.add(sum);
  }
  return { pageBytes, salts, sums };
}
