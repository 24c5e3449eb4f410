import { DatabaseSync } from 'node:sqlite';
import path from 'node:path';
import { PlimsollError } from '../errors.ts';

/** What is remembered of an agent over restarts. */
export interface AgentRecord {
  readonly agentId: string;
  /** SHA-256 of the key pinned on first use, hex. */
  readonly keyHash: string;
  /** SHA-256 of machine id and agent id as the agent sent it, hex. */
  readonly machineIdHash: string;
  readonly instance: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly agentVersion: string;
  readonly collectIntervalMs: number;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number | null;
  readonly facts: Readonly<Record<string, unknown>> | null;
}

const SCHEMA_VERSION = 1;

const SCHEMA = `
  create table agents(
    agent_id text primary key,
    key_hash text not null,
    machine_id_hash text not null,
    instance text not null,
    labels text not null,
    agent_version text not null,
    collect_interval_ms integer not null,
    first_seen_ms integer not null,
    last_seen_ms integer,
    facts text
  ) strict`;

/** The agents' table in `<storage>/hosts.sqlite`. */
export class AgentTable implements Disposable {
  readonly #db: DatabaseSync;

  private constructor(db: DatabaseSync) {
    this.#db = db;
  }

  static open(directory: string): AgentTable {
    const file = path.join(directory, 'hosts.sqlite');
    const db = new DatabaseSync(file);
    // A thousand agents may connect at once: no sync for each. A power cut may lose the newest pins, which are then made anew.
    db.exec('pragma journal_mode = wal; pragma synchronous = normal; pragma wal_autocheckpoint = 0');
    const version = Number(db.prepare('pragma user_version').get()?.['user_version'] ?? 0);
    if (version > SCHEMA_VERSION) {
      db.close();
      throw new PlimsollError(
        'configuration',
        `${file} was written by a newer Plimsoll (version ${version}, this one reads ${SCHEMA_VERSION}); upgrade`,
      );
    }
    if (version === 0) db.exec(`${SCHEMA}; pragma user_version = ${SCHEMA_VERSION}`);
    return new AgentTable(db);
  }

  all(): AgentRecord[] {
    return this.#db.prepare('select * from agents order by instance').all().map(toRecord);
  }

  put(record: AgentRecord): void {
    this.#db
      .prepare('insert or replace into agents values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
      .run(
        record.agentId,
        record.keyHash,
        record.machineIdHash,
        record.instance,
        JSON.stringify(record.labels),
        record.agentVersion,
        record.collectIntervalMs,
        record.firstSeenMs,
        record.lastSeenMs,
        record.facts === null ? null : JSON.stringify(record.facts),
      );
  }

  /** Many records in one transaction. */
  putAll(records: readonly AgentRecord[]): void {
    if (records.length === 0) return;
    this.#db.exec('begin immediate');
    try {
      for (const record of records) this.put(record);
      this.#db.exec('commit');
    } catch (error) {
      this.#db.exec('rollback');
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }
}

function toRecord(row: Record<string, unknown>): AgentRecord {
  const facts = row['facts'];
  return {
    agentId: String(row['agent_id']),
    keyHash: String(row['key_hash']),
    machineIdHash: String(row['machine_id_hash']),
    instance: String(row['instance']),
    labels: JSON.parse(String(row['labels'])) as Record<string, string>,
    agentVersion: String(row['agent_version']),
    collectIntervalMs: Number(row['collect_interval_ms']),
    firstSeenMs: Number(row['first_seen_ms']),
    lastSeenMs: row['last_seen_ms'] === null ? null : Number(row['last_seen_ms']),
    facts: typeof facts === 'string' ? (JSON.parse(facts) as Record<string, unknown>) : null,
  };
}
