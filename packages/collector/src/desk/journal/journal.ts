import { randomUUIDv7 } from 'node:crypto';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { PlimsollError } from '../../errors.ts';
import { unreadableDatabase } from '../../page-sums/unreadable-database.ts';
import { sqliteCode } from '../../sqlite-code.ts';
import { Statements } from '../statements.ts';
import { GENESIS_HASH, chainHash, sha256 } from './chain.ts';
import type { JournalEntry, JournalEvent } from './event.ts';
import { COLUMNS, toEvent, toRow } from './row.ts';
import { prepareJournal } from './schema.ts';

export interface JournalHead {
  readonly position: number;
  readonly hash: string;
}

/** One commit: all of it becomes durable or none. */
export interface JournalBatch {
  readonly entries: readonly JournalEntry[];
  /** Contents by hash; those known already are skipped. */
  readonly snapshots: ReadonlyMap<string, string>;
  /** Names of people by their opaque ids. */
  readonly people: ReadonlyMap<string, string>;
}

/** The append-only, hash-chained record of everything the desk decided. One process writes it. */
export class Journal implements Disposable {
  readonly #path: string;
  readonly #db: DatabaseSync;
  readonly #statements: Statements;
  readonly #insert: string;
  #head: JournalHead;

  constructor(path: string) {
    this.#path = path;
    this.#db = openPrepared(path);
    const marks = COLUMNS.map(() => '?').join(', ');
    this.#insert = `INSERT INTO event (${COLUMNS.join(', ')}) VALUES (${marks})`;
    this.#statements = new Statements(this.#db);
    const last = this.#read('SELECT position, hash FROM event ORDER BY position DESC LIMIT 1', (newest) =>
      newest.get(),
    );
    this.#head =
      last === undefined
        ? { position: 0, hash: GENESIS_HASH }
        : { position: Number(last['position']), hash: String(last['hash']) };
  }

  get head(): JournalHead {
    return this.#head;
  }

  /**
   * Chains and commits the entries; durable when it returns.
   *
   * Throws `PlimsollError`: `conflict` when an aggregate's version or an idempotency key is taken, `out_of_space`,
   * `unavailable`; nothing was written then.
   */
  append(batch: JournalBatch): readonly JournalEvent[] {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const events = this.#write(batch);
      this.#db.exec('COMMIT');
      this.#head = events.at(-1) ?? this.#head;
      return events;
    } catch (error) {
      // SQLite has rolled back by itself where the disk failed it.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw journalError(error);
    }
  }

  /** Events after a position, in order. */
  after(position: number, limit: number): readonly JournalEvent[] {
    return this.#read('SELECT * FROM event WHERE position > ? ORDER BY position LIMIT ?', (events) =>
      events.all(position, limit),
    ).map(toEvent);
  }

  /** The newest events of an aggregate, in order. */
  ofAggregate(aggregate: string, limit: number): readonly JournalEvent[] {
    return this.#read('SELECT * FROM event WHERE aggregate = ? ORDER BY version DESC LIMIT ?', (events) =>
      events.all(aggregate, limit),
    )
      .map(toEvent)
      .toReversed();
  }

  /** The last event of an aggregate. */
  last(aggregate: string): JournalEvent | undefined {
    return this.ofAggregate(aggregate, 1)[0];
  }

  byIdempotencyKey(key: string): JournalEvent | undefined {
    const row = this.#read('SELECT * FROM event WHERE idempotency_key = ?', (rows) => rows.get(key));
    return row === undefined ? undefined : toEvent(row);
  }

  snapshot(hash: string): string | undefined {
    const row = this.#read('SELECT content FROM snapshot WHERE hash = ?', (rows) => rows.get(hash));
    return row === undefined ? undefined : String(row['content']);
  }

  personId(name: string): string | undefined {
    const row = this.#read('SELECT id FROM person WHERE name = ?', (rows) => rows.get(name));
    return row === undefined ? undefined : String(row['id']);
  }

  /** Null for a person whose name was erased. */
  personName(id: string): string | null | undefined {
    const row = this.#read('SELECT name FROM person WHERE id = ?', (rows) => rows.get(id));
    if (row === undefined) return undefined;
    return row['name'] === null ? null : String(row['name']);
  }

  /** Forgets a name. The journal keeps what the person did, under an id that leads nowhere. */
  erasePerson(id: string): void {
    this.#statements.of('UPDATE person SET name = NULL WHERE id = ?').run(id);
  }

  /** Takes an event's payload away for good; the chain holds by the payload's hash. */
  redact(eventId: string): void {
    this.#statements.of('UPDATE event SET payload = NULL WHERE id = ?').run(eventId);
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }

  #read<T>(sql: string, read: (statement: StatementSync) => T): T {
    try {
      return read(this.#statements.of(sql));
    } catch (error) {
      throw unreadableDatabase(this.#path, error);
    }
  }

  #write({ entries, snapshots, people }: JournalBatch): readonly JournalEvent[] {
    for (const [hash, content] of snapshots) {
      this.#statements.of('INSERT OR IGNORE INTO snapshot VALUES (?, ?)').run(hash, content);
    }
    for (const [id, name] of people) this.#statements.of('INSERT INTO person VALUES (?, ?)').run(id, name);
    let head = this.#head;
    return entries.map((entry) => {
      const payloadText = JSON.stringify(entry.payload);
      const unchained = {
        ...entry,
        position: head.position + 1,
        tzdataVersion: process.versions.tz ?? 'unknown',
        payloadHash: sha256(payloadText),
      };
      const hash = chainHash(head.hash, unchained);
      const event: JournalEvent = { ...unchained, hash };
      this.#statements.of(this.#insert).run(...toRow(event, payloadText));
      head = event;
      return event;
    });
  }
}

function openPrepared(path: string): DatabaseSync {
  using cleanup = new DisposableStack();
  const db = cleanup.use(new DatabaseSync(path));
  prepareJournal(db, path);
  cleanup.move();
  return db;
}

/** Ids sort by the time they were made. */
export function newId(): string {
  return randomUUIDv7();
}

const SQLITE_FULL = 13;
const SQLITE_CONSTRAINT = 19;

function journalError(error: unknown): PlimsollError {
  const code = sqliteCode(error);
  if (code === SQLITE_FULL) {
    return new PlimsollError('out_of_space', 'the journal cannot grow: free space on the disk it is on', {
      cause: error,
    });
  }
  if (code === SQLITE_CONSTRAINT) {
    return new PlimsollError(
      'conflict',
      'somebody else changed this at the same moment: read it and try again',
      {
        cause: error,
      },
    );
  }
  return new PlimsollError('unavailable', `the journal could not be written: ${String(error)}`, {
    cause: error,
  });
}
