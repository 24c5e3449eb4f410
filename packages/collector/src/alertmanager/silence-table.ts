import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { PlimsollError } from '../errors.ts';
import type { Silence } from './silence.ts';

const SCHEMA_VERSION = 1;

/** Silences on disk: one row each, as JSON. A written silence is durable when `write` returns. */
export class SilenceTable implements Disposable {
  readonly #db: DatabaseSync;
  readonly #write: StatementSync;
  readonly #remove: StatementSync;

  constructor(path: string) {
    this.#db = new DatabaseSync(path);
    this.#db.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 2000; PRAGMA wal_autocheckpoint = 0;',
    );
    const version = Number(this.#db.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
    if (version > SCHEMA_VERSION) {
      this.#db.close();
      throw new PlimsollError(
        'configuration',
        `${path} was written by a newer version (format ${version}, this one knows ${SCHEMA_VERSION}): start that version.`,
      );
    }
    this.#db.exec(
      `CREATE TABLE IF NOT EXISTS silences (id TEXT PRIMARY KEY, silence TEXT NOT NULL) STRICT;
       PRAGMA user_version = ${SCHEMA_VERSION};`,
    );
    this.#write = this.#db.prepare(
      'INSERT INTO silences (id, silence) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET silence = excluded.silence',
    );
    this.#remove = this.#db.prepare('DELETE FROM silences WHERE id = ?');
  }

  read(): readonly Silence[] {
    const rows = this.#db.prepare('SELECT silence FROM silences ORDER BY id').all();
    // Written by `write` of this or an earlier version of the same schema.
    return rows.map((row) => JSON.parse(String(row['silence'])) as Silence);
  }

  write(silence: Silence): void {
    this.#write.run(silence.id, JSON.stringify(silence));
  }

  remove(id: string): void {
    this.#remove.run(id);
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }
}
