import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { IncidentState } from '../incident/state.ts';
import type { ProblemState } from '../problem/state.ts';
import { isProblemOpen } from '../problem/state.ts';
import { Statements } from '../statements.ts';
import type { EntityState } from './entity.ts';
import type { Changes } from './fold.ts';
import { isActive, sortKey } from './order.ts';
import { PROJECTIONS_VERSION, TABLES } from './schema.ts';
import { sqliteCode } from '../../sqlite-code.ts';

/**
 * Read tables made from the journal and holding nothing else. They are written after the journal's commit and not
 * synced: whatever a crash loses is folded again from the journal's events after `position`.
 */
export class Projections implements Disposable {
  readonly db: DatabaseSync;

  readonly #statements: Statements;

  constructor(path: string) {
    this.db = openTables(path);
    this.#statements = new Statements(this.db);
  }

  /** The journal position the tables stand at. */
  get position(): number {
    return Number(this.#statements.of('SELECT position FROM progress').get()?.['position']);
  }

  /** Takes states over, all or none, and with them the position they stand for. */
  save(changes: Changes, position: number): void {
    this.db.exec('BEGIN');
    try {
      for (const incident of changes.incidents.values()) this.#saveIncident(incident);
      for (const problem of changes.problems.values()) this.#saveProblem(problem);
      for (const entity of changes.entities.values()) this.#saveEntity(entity);
      this.#statements.of('UPDATE progress SET position = ?').run(position);
      this.db.exec('COMMIT');
    } catch (error) {
      // SQLite has rolled back by itself where the disk failed it.
      if (this.db.isTransaction) this.db.exec('ROLLBACK');
      throw error;
    }
  }

  incident(id: string): IncidentState | undefined {
    return this.#body('SELECT body FROM incident WHERE id = ?', id) as IncidentState | undefined;
  }

  incidentByNumber(number: number): IncidentState | undefined {
    return this.#body('SELECT body FROM incident WHERE number = ?', number) as IncidentState | undefined;
  }

  /** The last occurrence of a signature. */
  latestIncident(signature: string): IncidentState | undefined {
    return this.#body(
      'SELECT body FROM incident WHERE signature = ? ORDER BY occurrence DESC LIMIT 1',
      signature,
    ) as IncidentState | undefined;
  }

  /** Ids and times of a signature's occurrences opened at or after an instant, oldest first. */
  occurrencesSince(signature: string, sinceMs: number): readonly string[] {
    return this.#statements
      .of('SELECT id FROM incident WHERE signature = ? AND opened_at_ms >= ? ORDER BY occurrence')
      .all(signature, sinceMs)
      .map((row) => String(row['id']));
  }

  /** Everything that may still change by itself: open, or resolved and not yet closed. */
  activeIncidents(): readonly IncidentState[] {
    return this.#statements
      .of('SELECT body FROM incident WHERE active = 1')
      .all()
      .map((row) => JSON.parse(String(row['body'])) as IncidentState);
  }

  problem(id: string): ProblemState | undefined {
    return this.#body('SELECT body FROM problem WHERE id = ?', id) as ProblemState | undefined;
  }

  problemByNumber(number: number): ProblemState | undefined {
    return this.#body('SELECT body FROM problem WHERE number = ?', number) as ProblemState | undefined;
  }

  /** All problems of a signature, newest first. */
  problemsOf(signature: string): readonly ProblemState[] {
    return this.#statements
      .of('SELECT body FROM problem WHERE signature = ? ORDER BY number DESC')
      .all(signature)
      .map((row) => JSON.parse(String(row['body'])) as ProblemState);
  }

  entity(aggregate: string): EntityState | undefined {
    const row = this.#statements.of('SELECT * FROM entity WHERE aggregate = ?').get(aggregate);
    if (row === undefined) return undefined;
    return {
      aggregate,
      version: Number(row['version']),
      type: String(row['type']),
      atMs: Number(row['at_ms']),
      payload: JSON.parse(String(row['payload'])) as object,
    };
  }

  lastNumber(table: 'incident' | 'problem'): number {
    return Number(this.#statements.of(`SELECT coalesce(max(number), 0) AS n FROM ${table}`).get()?.['n']);
  }

  [Symbol.dispose](): void {
    this.db.close();
  }

  #saveIncident(incident: IncidentState): void {
    const [sort1, sort2, sort3] = sortKey(incident);
    const names = incident.services.map(({ name }) => name);
    const instances = incident.resources.flatMap(({ labels }) => labels['instance'] ?? []);
    this.#statements
      .of('INSERT OR REPLACE INTO incident VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
      .run(
        incident.id,
        incident.number,
        incident.signature,
        incident.occurrence,
        incident.state,
        Number(isActive(incident)),
        incident.priority,
        JSON.stringify(names),
        JSON.stringify([...new Set(instances)]),
        incident.openedAtMs,
        sort1,
        sort2,
        sort3,
        JSON.stringify(incident),
      );
  }

  #saveProblem(problem: ProblemState): void {
    this.#statements
      .of('INSERT OR REPLACE INTO problem VALUES (?, ?, ?, ?, ?, ?, ?)')
      .run(
        problem.id,
        problem.number,
        problem.signature,
        problem.state,
        Number(isProblemOpen(problem)),
        problem.service,
        JSON.stringify(problem),
      );
  }

  #saveEntity({ aggregate, version, type, atMs, payload }: EntityState): void {
    this.#statements
      .of('INSERT OR REPLACE INTO entity VALUES (?, ?, ?, ?, ?)')
      .run(aggregate, version, type, atMs, JSON.stringify(payload));
  }

  #body(sql: string, parameter: string | number): unknown {
    const row = this.#statements.of(sql).get(parameter);
    return row === undefined ? undefined : JSON.parse(String(row['body']));
  }
}

/** Tables of another version, or a file SQLite cannot read, are thrown away: the journal has it all. */
function openTables(path: string): DatabaseSync {
  const db = new DatabaseSync(path);
  try {
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    if (Number(db.prepare('PRAGMA user_version').get()?.['user_version']) === PROJECTIONS_VERSION) return db;
  } catch (error) {
    if (!isUnreadable(error)) throw error;
  }
  db.close();
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
  const fresh = new DatabaseSync(path);
  fresh.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  fresh.exec(`BEGIN; ${TABLES} PRAGMA user_version = ${PROJECTIONS_VERSION}; COMMIT`);
  return fresh;
}

const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

function isUnreadable(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === SQLITE_CORRUPT || code === SQLITE_NOTADB;
}
