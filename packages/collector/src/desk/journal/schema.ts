import type { DatabaseSync } from 'node:sqlite';
import { PlimsollError } from '../../errors.ts';

/** Version of the journal's tables; a newer file is refused, an older one would be migrated here. */
const JOURNAL_VERSION = 1;

const TABLES = `
CREATE TABLE event (
  position INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  aggregate TEXT NOT NULL,
  version INTEGER NOT NULL,
  type TEXT NOT NULL,
  schema_version INTEGER NOT NULL,
  occurred_at_ms INTEGER NOT NULL,
  recorded_at_ms INTEGER NOT NULL,
  clock_offset_ms REAL,
  actor_kind TEXT NOT NULL,
  actor_id TEXT NOT NULL,
  cause_id TEXT,
  correlation_id TEXT NOT NULL,
  idempotency_key TEXT,
  rule_hash TEXT,
  catalogue_hash TEXT,
  matrix_hash TEXT,
  tzdata_version TEXT NOT NULL,
  payload TEXT,
  payload_hash TEXT NOT NULL,
  hash TEXT NOT NULL,
  UNIQUE (aggregate, version)
) STRICT;
CREATE UNIQUE INDEX event_idempotency ON event (idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE TRIGGER event_stays BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER event_unchanged BEFORE UPDATE OF position, id, aggregate, version, type, schema_version,
  occurred_at_ms, recorded_at_ms, clock_offset_ms, actor_kind, actor_id, cause_id, correlation_id, idempotency_key,
  rule_hash, catalogue_hash, matrix_hash, tzdata_version, payload_hash, hash ON event
  BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER payload_only_redacted BEFORE UPDATE OF payload ON event WHEN NEW.payload IS NOT NULL
  BEGIN SELECT RAISE(ABORT, 'a payload can only be redacted'); END;
-- Catalogues and inventories, once for each content; events name them by hash.
CREATE TABLE snapshot (hash TEXT PRIMARY KEY, content TEXT NOT NULL) STRICT, WITHOUT ROWID;
-- Outside the chain: erasing a name leaves the journal whole.
CREATE TABLE person (id TEXT PRIMARY KEY, name TEXT UNIQUE) STRICT, WITHOUT ROWID;
`;

/**
 * Makes the tables, or checks that this build can read them. Commit means fsync: a full-synchronous write-ahead log.
 *
 * Throws `PlimsollError('configuration')` for a file of a newer version.
 */
export function prepareJournal(db: DatabaseSync, path: string): void {
  db.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000; PRAGMA wal_autocheckpoint = 0',
  );
  const version = Number(db.prepare('PRAGMA user_version').get()?.['user_version']);
  if (version === JOURNAL_VERSION) return;
  if (version > JOURNAL_VERSION) {
    throw new PlimsollError(
      'configuration',
      `journal ${path} has version ${version}, this build reads up to ${JOURNAL_VERSION}: run the newer build`,
      { details: { path, version } },
    );
  }
  db.exec(`BEGIN IMMEDIATE; ${TABLES} PRAGMA user_version = ${JOURNAL_VERSION}; COMMIT`);
}
