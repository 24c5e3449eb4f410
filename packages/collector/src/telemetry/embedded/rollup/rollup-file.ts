import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { PlimsollError } from '../../../errors.ts';
import type { SeriesRef } from '../../store.ts';
import { DAY_MS } from '../head/windows.ts';
import { RESOLUTIONS, type Resolution } from './resolutions.ts';

const ROLLUP_VERSION = 1;
const NAME = /^(5m|1h)-(\d{4}(?:-\d{2})?)\.db$/;
/** Rows are some ten bytes to a few kilobytes. */
const PAGE_BYTES = 16 * 1024;
const CACHE_KIB = 2048;
/** Keys hold the day in the bits above these, and the series in these. */
const KEY_SCALE = 2 ** 32;

/** A file of rollups: one resolution's of a month or a year. */
export interface RollupFile {
  readonly name: string;
  readonly resolution: Resolution;
  readonly startMs: number;
  readonly endMs: number;
}

/** The file a day's rollups belong to. */
export function rollupFile(resolution: Resolution, dayStartMs: number): RollupFile {
  const date = new Date(dayStartMs).toISOString().slice(0, resolution.dateLength);
  return fileOf(resolution, date);
}

function fileOf(resolution: Resolution, date: string): RollupFile {
  const [year = 0, month = 1] = date.split('-').map(Number);
  const isMonth = date.includes('-');
  return {
    name: `${resolution.name}-${date}.db`,
    resolution,
    startMs: Date.UTC(year, month - 1),
    endMs: isMonth ? Date.UTC(year, month) : Date.UTC(year + 1, 0),
  };
}

/** The files there are, by time. */
export function listRollupFiles(directory: string): RollupFile[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .flatMap((name) => {
      const [, size, date = ''] = NAME.exec(name) ?? [];
      const resolution = RESOLUTIONS.find((each) => each.name === size);
      return resolution === undefined || date.length !== resolution.dateLength
        ? []
        : fileOf(resolution, date);
    })
    .sort((a, b) => a.startMs - b.startMs);
}

/** Key of a series' row of a day; ascending by day. */
export function rollupKey(file: RollupFile, dayStartMs: number, ref: SeriesRef): number {
  return ((dayStartMs - file.startMs) / DAY_MS) * KEY_SCALE + ref;
}

/** Opens a file for writing; it is made where it is missing. */
export function openForWriting(directory: string, file: RollupFile): DatabaseSync {
  const path = join(directory, file.name);
  const database = new DatabaseSync(path, { timeout: 1000 });
  try {
    // What is here can be made again until a day is settled by a checkpoint, which syncs.
    database.exec(`
      PRAGMA page_size = ${PAGE_BYTES};
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      PRAGMA wal_autocheckpoint = 0;
      PRAGMA cache_size = -${CACHE_KIB};
    `);
    if (versionOf(database, path) === 0) create(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function create(database: DatabaseSync): void {
  database.exec(`
    BEGIN;
    CREATE TABLE days (id INTEGER PRIMARY KEY, sources TEXT NOT NULL, final INTEGER NOT NULL);
    CREATE TABLE series (id INTEGER PRIMARY KEY);
    CREATE TABLE rows (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
    PRAGMA user_version = ${ROLLUP_VERSION};
    COMMIT;
  `);
}

function versionOf(database: DatabaseSync, path: string): number {
  const version = Number(database.prepare('PRAGMA user_version').get()?.user_version ?? 0);
  if (version <= ROLLUP_VERSION) return version;
  throw new PlimsollError(
    'configuration',
    `${path} was written by a newer version of plimsoll: start that version, or restore a backup`,
    { details: { path } },
  );
}

/** One file of rollups, read only. Sees what the writer has committed. */
export class RollupReader implements Disposable {
  readonly file: RollupFile;
  readonly #database: DatabaseSync;
  readonly #row: StatementSync;
  readonly #range: StatementSync;
  readonly #series: StatementSync;

  /** Undefined for a file whose founding was cut short: it has no data. */
  static open(directory: string, file: RollupFile): RollupReader | undefined {
    const path = join(directory, file.name);
    const database = new DatabaseSync(path, { readOnly: true, timeout: 1000 });
    try {
      if (versionOf(database, path) > 0) return new RollupReader(file, database);
    } catch (error) {
      database.close();
      throw error;
    }
    database.close();
    return undefined;
  }

  private constructor(file: RollupFile, database: DatabaseSync) {
    this.file = file;
    this.#database = database;
    this.#row = database.prepare('SELECT data FROM rows WHERE id = ?');
    this.#range = database.prepare('SELECT id, data FROM rows WHERE id BETWEEN ? AND ?');
    this.#series = database.prepare('SELECT 1 FROM series WHERE id = ?');
    for (const statement of [this.#row, this.#range]) statement.setReturnArrays(true);
  }

  /** Starts of the days whose samples are gone. */
  finalDays(): number[] {
    return this.#database
      .prepare('SELECT id FROM days WHERE final = 1')
      .all()
      .map(({ id }) => this.file.startMs + Number(id) * DAY_MS);
  }

  has(ref: SeriesRef): boolean {
    return this.#series.get(ref) !== undefined;
  }

  /** Visits the rows of a day of the series numbered first to last. */
  rows(
    dayStartMs: number,
    first: SeriesRef,
    last: SeriesRef,
    visit: (ref: SeriesRef, data: Uint8Array) => void,
  ): void {
    const base = rollupKey(this.file, dayStartMs, 0);
    if (first === last) {
      const row: unknown = this.#row.get(base + first);
      if (Array.isArray(row) && row[0] instanceof Uint8Array) visit(first, row[0]);
      return;
    }
    const rows: readonly unknown[] = this.#range.all(base + first, base + last);
    for (const row of rows) {
      if (!Array.isArray(row)) continue;
      const [id, data]: unknown[] = row;
      if (typeof id === 'number' && data instanceof Uint8Array) visit(id - base, data);
    }
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}
