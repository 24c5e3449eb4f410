import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { PlimsollError } from '../../../errors.ts';
import { unreadableDatabase } from '../../../page-sums/unreadable-database.ts';
import type { SeriesRef } from '../../store.ts';
import { WINDOW_MS, dayStart } from '../head/windows.ts';

const DAY_VERSION = 2;
const NAME = /^(\d{4}-\d{2}-\d{2})\.db$/;
/** Chunks are a few hundred bytes to a few kilobytes: large pages waste little at their ends. */
const PAGE_BYTES = 16 * 1024;
const CACHE_KIB = 2048;
/** Keys hold the window in the bits above these, and a series or a timeline in these. */
const KEY_SCALE = 2 ** 32;

/** Key of a series or timeline within its window of the day; ascending by window. */
export function dayKey(windowStartMs: number, number: number): number {
  return ((windowStartMs - dayStart(windowStartMs)) / WINDOW_MS) * KEY_SCALE + number;
}

export function dayFileName(dayStartMs: number): string {
  return `${new Date(dayStartMs).toISOString().slice(0, 10)}.db`;
}

/** Starts of the days that have a file, ascending. */
export function listDays(directory: string): number[] {
  return readdirSync(directory)
    .flatMap((name) => NAME.exec(name)?.[1] ?? [])
    .map((day) => Date.parse(`${day}T00:00:00Z`))
    .sort((a, b) => a - b);
}

/**
 * Whether a day's file can be read: one whose founding was cut short has no tables yet, and no data.
 *
 * @throws PlimsollError 'configuration' for a day of a newer version.
 */
export function isReadableDay(directory: string, dayStartMs: number): boolean {
  const path = join(directory, dayFileName(dayStartMs));
  using database = new DatabaseSync(path, { readOnly: true, timeout: 1000 });
  const version = Number(database.prepare('PRAGMA user_version').get()?.user_version ?? 0);
  if (version <= DAY_VERSION) return version > 0;
  throw new PlimsollError(
    'configuration',
    `${path} was written by a newer version of plimsoll: start that version, or restore a backup`,
    { details: { path } },
  );
}

/** Opens one day's chunks. A file of its own for each day, so that retention deletes files. */
export function openDay(directory: string, dayStartMs: number, mode: 'read' | 'write'): DatabaseSync {
  const path = join(directory, dayFileName(dayStartMs));
  if (mode === 'write') mkdirSync(directory, { recursive: true });
  const database = new DatabaseSync(path, { readOnly: mode === 'read', timeout: 1000 });
  try {
    if (mode === 'write') prepareForWriting(database);
    database.exec(`PRAGMA cache_size = -${CACHE_KIB}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function prepareForWriting(database: DatabaseSync): void {
  database.exec(`
    PRAGMA page_size = ${PAGE_BYTES};
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = 0;
  `);
  const { user_version: version } = database.prepare('PRAGMA user_version').get() ?? {};
  if (version !== 0) {
    // What is written from now on may be what only this version reads.
    if (version !== DAY_VERSION) database.exec(`PRAGMA user_version = ${DAY_VERSION}`);
    return;
  }
  database.exec(`
    BEGIN;
    CREATE TABLE timelines (id INTEGER PRIMARY KEY, source TEXT NOT NULL, data BLOB NOT NULL);
    CREATE TABLE chunks (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
    PRAGMA user_version = ${DAY_VERSION};
    COMMIT;
  `);
}

/** One day's chunks, read only. Sees what the writer has committed. */
export class DayReader implements Disposable {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #one: StatementSync;
  readonly #range: StatementSync;
  readonly #timeline: StatementSync;
  /** By how many chunks they look up. */
  readonly #several: StatementSync[] = [];

  constructor(directory: string, dayStartMs: number) {
    this.#path = join(directory, dayFileName(dayStartMs));
    this.#database = openDay(directory, dayStartMs, 'read');
    this.#one = this.#database.prepare('SELECT data FROM chunks WHERE id = ?');
    this.#range = this.#database.prepare('SELECT id, data FROM chunks WHERE id BETWEEN ? AND ?');
    this.#timeline = this.#database.prepare('SELECT data FROM timelines WHERE id = ?');
    for (const statement of [this.#one, this.#range, this.#timeline]) statement.setReturnArrays(true);
  }

  chunk(windowStartMs: number, ref: SeriesRef): Uint8Array | undefined {
    return blobAt(this.#row(this.#one, dayKey(windowStartMs, ref)), 0);
  }

  /** Visits a series' chunks in these windows of the day, in one transaction: each has locks to take and to give back. */
  chunksOf(
    ref: SeriesRef,
    windows: readonly number[],
    visit: (number: number, data: Uint8Array) => void,
  ): void {
    const keys = windows.map((windowStartMs) => dayKey(windowStartMs, ref));
    const found = (key: number, data: Uint8Array): void => visit(keys.indexOf(key), data);
    for (const row of this.#all(this.#lookup(keys.length), keys)) visitRow(row, found);
  }

  /** Visits the chunks of the series numbered first to last. */
  chunks(
    windowStartMs: number,
    first: SeriesRef,
    last: SeriesRef,
    visit: (ref: SeriesRef, data: Uint8Array) => void,
  ): void {
    const base = dayKey(windowStartMs, 0);
    const found = (key: number, data: Uint8Array): void => visit(key - base, data);
    for (const row of this.#all(this.#range, [base + first, base + last])) visitRow(row, found);
  }

  timeline(windowStartMs: number, number: number): Uint8Array | undefined {
    return blobAt(this.#row(this.#timeline, dayKey(windowStartMs, number)), 0);
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #row(statement: StatementSync, key: number): unknown {
    try {
      return statement.get(key);
    } catch (error) {
      throw unreadableDatabase(this.#path, error);
    }
  }

  /** Looks up so many keys: a list of lookups, because a list of keys would be sorted into a table first. */
  #lookup(keys: number): StatementSync {
    let statement = this.#several[keys];
    if (statement === undefined) {
      const one = 'SELECT id, data FROM chunks WHERE id = ?';
      statement = this.#database.prepare(Array.from({ length: keys }, () => one).join(' UNION ALL '));
      statement.setReturnArrays(true);
      this.#several[keys] = statement;
    }
    return statement;
  }

  #all(statement: StatementSync, keys: readonly number[]): readonly unknown[] {
    try {
      return statement.all(...keys);
    } catch (error) {
      throw unreadableDatabase(this.#path, error);
    }
  }
}

/** Rows come as arrays, in the order of the columns. */
function visitRow(row: unknown, visit: (key: number, data: Uint8Array) => void): void {
  if (!Array.isArray(row)) return;
  // Not as [key, data]: taking a row apart by its iterator costs as much as finding it.
  const key: unknown = row[0];
  const data: unknown = row[1];
  if (typeof key === 'number' && data instanceof Uint8Array) visit(key, data);
}

function blobAt(row: unknown, index: number): Uint8Array | undefined {
  const value: unknown = Array.isArray(row) ? row[index] : undefined;
  return value instanceof Uint8Array ? value : undefined;
}
