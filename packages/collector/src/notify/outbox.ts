import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { PlimsollError } from '../errors.ts';
import type { Message } from './message.ts';

const SCHEMA_VERSION = 1;

/** A message waiting for its next attempt. */
export interface Queued {
  /** The journal position of its event: unique within a channel. */
  readonly position: number;
  /** Messages of one lane, an incident, are sent one after the other. */
  readonly lane: string;
  readonly message: Message;
  /** Failed ones so far. */
  readonly attempts: number;
  /** When its event was recorded. */
  readonly recordedAtMs: number;
}

/** What to queue. */
export type NewMessage = Pick<Queued, 'position' | 'lane' | 'message' | 'recordedAtMs'>;

/**
 * The durable queue: for each channel how far the journal was read, and what is still to be sent. Reading on and
 * queueing is one transaction, so an event is queued exactly once for a channel. A crash of the process loses nothing;
 * a crash of the machine may take back the newest commits, and their messages are sent again under the same keys.
 */
export class Outbox implements Disposable {
  readonly #db: DatabaseSync;
  readonly #counts = new Map<string, number>();
  readonly #statements: Readonly<Record<keyof typeof SQL, StatementSync>>;

  constructor(path: string) {
    this.#db = new DatabaseSync(path);
    this.#db.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 2000; PRAGMA wal_autocheckpoint = 0;',
    );
    migrate(this.#db, path);
    this.#statements = {
      cursor: this.#db.prepare(SQL.cursor),
      setCursor: this.#db.prepare(SQL.setCursor),
      channels: this.#db.prepare(SQL.channels),
      forgetChannel: this.#db.prepare(SQL.forgetChannel),
      forgetMessages: this.#db.prepare(SQL.forgetMessages),
      add: this.#db.prepare(SQL.add),
      count: this.#db.prepare(SQL.count),
      due: this.#db.prepare(SQL.due),
      nextDue: this.#db.prepare(SQL.nextDue),
      remove: this.#db.prepare(SQL.remove),
      postpone: this.#db.prepare(SQL.postpone),
    };
  }

  /** The journal position up to which a channel has read; undefined for a channel never seen. */
  cursor(channel: string): number | undefined {
    const row = this.#statements.cursor.get(channel);
    return row === undefined ? undefined : Number(row['cursor']);
  }

  channels(): readonly string[] {
    return this.#statements.channels.all().map((row) => String(row['name']));
  }

  /** Queues messages and moves the channel's cursor, together. */
  advance(channel: string, cursor: number, messages: readonly NewMessage[]): void {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      for (const { position, lane, message, recordedAtMs } of messages)
        this.#statements.add.run(channel, position, lane, JSON.stringify(message), recordedAtMs);
      this.#statements.setCursor.run(channel, cursor);
      this.#db.exec('COMMIT');
      this.#counts.delete(channel);
    } catch (error) {
      this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  /** Forgets a channel that is no longer configured; answers how many messages it still had. */
  forget(channel: string): number {
    this.#statements.forgetChannel.run(channel);
    this.#counts.delete(channel);
    return Number(this.#statements.forgetMessages.run(channel).changes);
  }

  /** Messages waiting for a channel; kept in memory, since it is asked for after every attempt. */
  count(channel: string): number {
    let count = this.#counts.get(channel);
    if (count === undefined) {
      count = Number(this.#statements.count.get(channel)?.['count'] ?? 0);
      this.#counts.set(channel, count);
    }
    return count;
  }

  /** The first messages of lanes, as far as they are due, oldest event first. */
  due(channel: string, nowMs: number, limit: number): readonly Queued[] {
    return this.#statements.due.all(channel, nowMs, limit).map((row) => ({
      position: Number(row['position']),
      lane: String(row['lane']),
      // Written by `advance` of this or an earlier version of the same schema.
      message: JSON.parse(String(row['message'])) as Message,
      attempts: Number(row['attempts']),
      recordedAtMs: Number(row['recorded_at_ms']),
    }));
  }

  /** When the next lane becomes due after `nowMs`. */
  nextDueMs(channel: string, nowMs: number): number | undefined {
    const at = this.#statements.nextDue.get(channel, nowMs)?.['at'];
    return typeof at === 'number' ? at : undefined;
  }

  remove(channel: string, position: number): void {
    const before = this.count(channel);
    const { changes } = this.#statements.remove.run(channel, position);
    this.#counts.set(channel, before - Number(changes));
  }

  postpone(channel: string, position: number, untilMs: number): void {
    this.#statements.postpone.run(untilMs, channel, position);
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }
}

/** With a bare min(), SQLite takes a group's other columns from the row that holds the minimum. */
const HEADS = `SELECT min(position) AS position, lane, message, attempts, recorded_at_ms, next_at_ms
  FROM messages WHERE channel = ? GROUP BY lane`;

const SQL = {
  cursor: 'SELECT cursor FROM channels WHERE name = ?',
  setCursor:
    'INSERT INTO channels (name, cursor) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET cursor = excluded.cursor',
  channels: 'SELECT name FROM channels',
  forgetChannel: 'DELETE FROM channels WHERE name = ?',
  forgetMessages: 'DELETE FROM messages WHERE channel = ?',
  add: `INSERT INTO messages (channel, position, lane, message, attempts, recorded_at_ms, next_at_ms)
    VALUES (?, ?, ?, ?, 0, ?, 0) ON CONFLICT DO NOTHING`,
  count: 'SELECT count(*) AS count FROM messages WHERE channel = ?',
  due: `SELECT * FROM (${HEADS}) WHERE next_at_ms <= ? ORDER BY position LIMIT ?`,
  nextDue: `SELECT min(next_at_ms) AS at FROM (${HEADS}) WHERE next_at_ms > ?`,
  remove: 'DELETE FROM messages WHERE channel = ? AND position = ?',
  postpone: 'UPDATE messages SET attempts = attempts + 1, next_at_ms = ? WHERE channel = ? AND position = ?',
} as const;

function migrate(db: DatabaseSync, path: string): void {
  const version = Number(db.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
  if (version > SCHEMA_VERSION)
    throw new PlimsollError(
      'configuration',
      `${path} was written by a newer version (format ${version}, this one knows ${SCHEMA_VERSION}): start that version.`,
    );
  if (version === SCHEMA_VERSION) return;
  db.exec(`
    BEGIN;
    CREATE TABLE channels (name TEXT PRIMARY KEY, cursor INTEGER NOT NULL) STRICT;
    CREATE TABLE messages (
      channel TEXT NOT NULL,
      position INTEGER NOT NULL,
      lane TEXT NOT NULL,
      message TEXT NOT NULL,
      attempts INTEGER NOT NULL,
      recorded_at_ms INTEGER NOT NULL,
      next_at_ms INTEGER NOT NULL,
      PRIMARY KEY (channel, position)
    ) STRICT;
    CREATE INDEX messages_by_lane ON messages (channel, lane, position);
    PRAGMA user_version = ${SCHEMA_VERSION};
    COMMIT;
  `);
}
