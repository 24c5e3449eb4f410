import { readdirSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';

/** Keys hold the window above these bits and the series in these: see docs/format/days.md. */
const KEY_SCALE = 2 ** 32;

/**
 * What a read inside the store cannot cost less than: as many chunks out of the days' files with SQLite alone, and one
 * pass over as many numbers as the series have samples.
 */
export class BareSqlite implements Disposable {
  readonly #days: readonly Day[];

  constructor(directory: string) {
    const days = path.join(directory, 'days');
    this.#days = readdirSync(days)
      .filter((name) => name.endsWith('.db'))
      .map((name) => openDay(path.join(days, name)));
  }

  /** Fetches the chunks of `count` series from number `first` on, and adds up `samples` numbers. */
  read(first: number, count: number, samples: Float64Array): number {
    let bytes = 0;
    for (const { fetch, windows } of this.#days) {
      for (const window of windows) {
        const base = window * KEY_SCALE + first;
        for (const row of fetch.all(base, base + count - 1)) bytes += Object.values(row).length;
      }
    }
    let sum = bytes;
    for (let i = 0; i < samples.length; i++) sum += samples[i] ?? 0;
    return sum;
  }

  [Symbol.dispose](): void {
    for (const { database } of this.#days) database.close();
  }
}

interface Day {
  readonly database: DatabaseSync;
  readonly fetch: StatementSync;
  readonly windows: readonly number[];
}

function openDay(file: string): Day {
  const database = new DatabaseSync(file, { readOnly: true });
  const windows = database
    .prepare(`SELECT DISTINCT id / ${KEY_SCALE} AS window FROM chunks`)
    .all()
    .map((row) => Number(row.window));
  const fetch = database.prepare('SELECT id, data FROM chunks WHERE id BETWEEN ? AND ?');
  fetch.setReturnArrays(true);
  return { database, fetch, windows };
}
