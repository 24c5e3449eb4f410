import { closeSync, openSync, readSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { openUnchanging } from '../../../page-sums/open-unchanging.ts';
import { visitSegments } from '../chunk/chunk-segments.ts';
import { WINDOW_MS } from '../head/windows.ts';
import { spanText } from './fault.ts';
import type { SeriesNames } from './series-names.ts';
import { leafKeys } from './leaf-keys.ts';

/** Keys hold the window in the bits above these; see docs/format/days.md. */
const KEY_SCALE = 2 ** 32;
const WINDOWS = 12;

/** What of a day is on pages that are damaged. */
export function describeDayPages(
  path: string,
  dayStartMs: number,
  badPages: readonly number[],
  pageBytes: number,
  names: SeriesNames,
): string {
  try {
    using database = openUnchanging(path);
    return new DayPages(database, path, dayStartMs, pageBytes, names).describe(badPages);
  } catch {
    // The damage is where the database's own structure is: nothing of it can be told apart.
    return anySeries(dayStartMs);
  }
}

function anySeries(dayStartMs: number): string {
  return `any series, ${spanText(dayStartMs, dayStartMs + WINDOWS * WINDOW_MS)}`;
}

class DayPages {
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #dayStartMs: number;
  readonly #pageBytes: number;
  readonly #names: SeriesNames;

  constructor(
    database: DatabaseSync,
    path: string,
    dayStartMs: number,
    pageBytes: number,
    names: SeriesNames,
  ) {
    this.#database = database;
    this.#path = path;
    this.#dayStartMs = dayStartMs;
    this.#pageBytes = pageBytes;
    this.#names = names;
  }

  describe(badPages: readonly number[]): string {
    const byWindow = new Map<number, Set<number>>();
    let isAnything = false;
    for (const page of badPages) {
      const found = this.#keysOn(page);
      isAnything ||= found === undefined;
      for (const key of found ?? []) {
        const window = Math.floor(key / KEY_SCALE);
        if (window >= WINDOWS) continue;
        const refs = byWindow.get(window) ?? new Set();
        byWindow.set(window, refs.add(key % KEY_SCALE));
      }
    }
    const parts = [...byWindow].map(([window, refs]) => {
      const startMs = this.#dayStartMs + window * WINDOW_MS;
      return `${this.#names.describe(refs)}, ${spanText(startMs, startMs + WINDOW_MS)}`;
    });
    if (isAnything) return anySeries(this.#dayStartMs);
    return parts.length === 0 ? 'no sample: the page is not in use' : parts.join('; ');
  }

  /** Keys of chunks that lie on a page, or whose times do; undefined where that cannot be told. */
  #keysOn(page: number): readonly number[] | undefined {
    const row = this.#database.prepare('SELECT name, path, pagetype FROM dbstat WHERE pageno = ?').get(page);
    if (row === undefined) return [];
    const table = String(row['name']);
    const kind = String(row['pagetype']);
    const path = String(row['path']);
    const keys =
      kind === 'leaf' ? this.#keysOfLeaf(page) : kind === 'overflow' ? this.#keyOfOverflow(path) : undefined;
    if (keys === undefined || table === 'sqlite_schema') return undefined;
    return table === 'timelines' ? keys.flatMap((key) => this.#usersOf(key)) : keys;
  }

  #keysOfLeaf(page: number): number[] {
    const bytes = new Uint8Array(this.#pageBytes);
    const fd = openSync(this.#path, 'r');
    try {
      readSync(fd, bytes, 0, bytes.length, (page - 1) * bytes.length);
    } finally {
      closeSync(fd);
    }
    return leafKeys(bytes);
  }

  /** An overflow page's path is its leaf's, the cell, and its place in the chain: `/1c2/00a+000001`. */
  #keyOfOverflow(path: string): number[] | undefined {
    const [, leafPath = '', cell = ''] = /^(.*\/)([0-9a-f]{3,})\+[0-9a-f]+$/.exec(path) ?? [];
    const leaf = this.#database
      .prepare("SELECT pageno FROM dbstat WHERE path = ? AND pagetype = 'leaf'")
      .get(leafPath);
    if (leaf === undefined) return undefined;
    const key = this.#keysOfLeaf(Number(leaf['pageno']))[Number.parseInt(cell, 16)];
    return key === undefined ? undefined : [key];
  }

  /** Chunks of a timeline's window that take their times from it. */
  #usersOf(timelineKey: number): number[] {
    const windowKey = Math.floor(timelineKey / KEY_SCALE) * KEY_SCALE;
    const users: number[] = [];
    const rows = this.#database
      .prepare('SELECT id, data FROM chunks WHERE id BETWEEN ? AND ?')
      .iterate(windowKey, windowKey + KEY_SCALE - 1);
    for (const { id, data } of rows) {
      if (!(data instanceof Uint8Array)) continue;
      visitSegments(data, {
        shared: (timeline) => {
          if (windowKey + timeline === timelineKey) users.push(Number(id));
        },
        own: () => undefined,
        detailed: () => undefined,
      });
    }
    return users;
  }
}
