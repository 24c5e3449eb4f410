import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Labels } from '@plimsoll/promql';
import { PlimsollError } from '../../../errors.ts';
import { checkpointAbove, closeSummed, keepSums } from '../../../page-sums/checkpoint.ts';
import { asMetricType, type MetricMetadata, type SequenceRange, type SeriesRef } from '../../store.ts';
import type { SeriesDeletion, TimeSpan } from '../deletion/deletions.ts';
import type { FileLayer } from '../files.ts';
import { INDEX_NAME } from '../store-paths.ts';
import { decodeSeries } from './series-records.ts';

const INDEX_VERSION = 2;
/** The write-ahead log is copied back when it has grown this far. */
const MAX_WAL_BYTES = 256 * 1024;

/** What the index takes over from the log, so that segments of the log can go. */
export interface IndexChanges {
  readonly series: readonly SeriesRef[];
  /** Their label sets, from `encodeSeries`. */
  readonly labels: Uint8Array;
  /** Series that are to be forgotten. */
  readonly gone: readonly SeriesRef[];
  readonly metadata: readonly MetricMetadata[];
  /** All durable ranges of the agents named. */
  readonly received: readonly (readonly [agentId: string, ranges: readonly SequenceRange[]])[];
}

export interface IndexContent {
  readonly series: (ref: SeriesRef, labels: Labels) => void;
  /** A number that is not to be given again. */
  readonly gone: (ref: SeriesRef) => void;
  readonly metadata: (family: MetricMetadata) => void;
  readonly received: (agentId: string, ranges: readonly SequenceRange[]) => void;
  readonly deleted: (deletion: SeriesDeletion) => void;
}

/** Label sets by number, metadata, and which frames were received: the part of the store that is not samples. */
export class IndexFile implements Disposable {
  readonly #database: DatabaseSync;
  readonly #files: FileLayer;
  readonly #path: string;

  constructor(directory: string, files: FileLayer) {
    this.#path = join(directory, INDEX_NAME);
    this.#files = files;
    this.#database = new DatabaseSync(this.#path, { timeout: 1000 });
    this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -1024');
    this.#migrate();
    keepSums(this.#database, this.#path);
  }

  apply(changes: IndexChanges): void {
    const { series, gone, metadata, received } = changes;
    if (series.length + gone.length + metadata.length + received.length === 0) return;
    this.#transact((database) => writeChanges(database, changes));
  }

  /** Notes of series from which spans samples were deleted, all spans that there are. */
  noteDeleted(changed: readonly SeriesDeletion[]): void {
    this.#transact((database) => {
      const put = database.prepare('INSERT OR REPLACE INTO deleted VALUES (?, ?)');
      const drop = database.prepare('DELETE FROM deleted WHERE ref = ?');
      for (const [ref, spans] of changed) {
        if (spans.length === 0) drop.run(ref);
        else put.run(ref, JSON.stringify(spans));
      }
    });
  }

  #transact(write: (database: DatabaseSync) => void): void {
    const database = this.#database;
    database.exec('BEGIN IMMEDIATE');
    try {
      write(database);
      this.#files.beforeCommit(this.#path);
      database.exec('COMMIT');
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
    checkpointAbove(database, this.#path, MAX_WAL_BYTES);
  }

  load(content: IndexContent): void {
    const seen = new Set<SeriesRef>();
    for (const row of this.#database.prepare('SELECT ref FROM gone').iterate()) {
      const ref = Number(row.ref);
      seen.add(ref);
      content.gone(ref);
    }
    for (const { data } of this.#database.prepare('SELECT data FROM series ORDER BY id').iterate()) {
      if (!(data instanceof Uint8Array)) continue;
      decodeSeries(zstdDecompressSync(data), (ref, labels) => {
        if (seen.has(ref)) return;
        seen.add(ref);
        content.series(ref, labels);
      });
    }
    for (const row of this.#database.prepare('SELECT family, type, help, unit FROM metadata').iterate()) {
      const [family = '', type = '', help = '', unit = ''] = Object.values(row).map(String);
      content.metadata({ family, type: asMetricType(type), help, unit });
    }
    for (const row of this.#database.prepare('SELECT agent, ranges FROM received').iterate()) {
      // Written by `apply` above, from values of this type.
      const ranges: readonly SequenceRange[] = JSON.parse(String(row.ranges));
      content.received(String(row.agent), ranges);
    }
    for (const row of this.#database.prepare('SELECT ref, spans FROM deleted').iterate()) {
      // Written by `noteDeleted` above, from values of this type.
      const spans: readonly TimeSpan[] = JSON.parse(String(row.spans));
      content.deleted([Number(row.ref), spans]);
    }
  }

  [Symbol.dispose](): void {
    closeSummed(this.#database, this.#path);
  }

  #migrate(): void {
    const { user_version: version } = this.#database.prepare('PRAGMA user_version').get() ?? {};
    if (typeof version === 'number' && version > INDEX_VERSION) {
      throw new PlimsollError(
        'configuration',
        `${this.#path} was written by a newer version of plimsoll: start that version, or restore a backup`,
        { details: { path: this.#path } },
      );
    }
    // Opened again, nothing is written that a full disk could refuse.
    if (version === INDEX_VERSION) return;
    this.#database.exec(`
      BEGIN;
      CREATE TABLE IF NOT EXISTS series (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
      CREATE TABLE IF NOT EXISTS gone (ref INTEGER PRIMARY KEY);
      CREATE TABLE IF NOT EXISTS metadata (family TEXT PRIMARY KEY, type TEXT, help TEXT, unit TEXT) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS received (agent TEXT PRIMARY KEY, ranges TEXT NOT NULL) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS deleted (ref INTEGER PRIMARY KEY, spans TEXT NOT NULL);
      PRAGMA user_version = ${INDEX_VERSION};
      COMMIT;
    `);
  }
}

function writeChanges(database: DatabaseSync, changes: IndexChanges): void {
  const { series, labels, gone, metadata, received } = changes;
  const putSeries = database.prepare('INSERT INTO series (data) VALUES (?)');
  const putGone = database.prepare('INSERT OR IGNORE INTO gone VALUES (?)');
  const dropGone = database.prepare('DELETE FROM gone WHERE ref = ?');
  const putFamily = database.prepare('INSERT OR REPLACE INTO metadata VALUES (?, ?, ?, ?)');
  const putReceived = database.prepare('INSERT OR REPLACE INTO received VALUES (?, ?)');
  if (series.length > 0) putSeries.run(zstdCompressSync(labels));
  for (const ref of series) dropGone.run(ref);
  for (const ref of gone) putGone.run(ref);
  for (const { family, type, help, unit } of metadata) putFamily.run(family, type, help, unit);
  for (const [agentId, ranges] of received) putReceived.run(agentId, JSON.stringify(ranges));
}

/** Reads all label sets there ever were, beside whoever writes them. */
export function readLabels(directory: string, visit: (ref: SeriesRef, labels: Labels) => void): void {
  using database = new DatabaseSync(join(directory, INDEX_NAME), { readOnly: true, timeout: 1000 });
  readLabelsOf(database, visit);
}

/** As `readLabels`, of an index that is open. */
export function readLabelsOf(database: DatabaseSync, visit: (ref: SeriesRef, labels: Labels) => void): void {
  for (const { data } of database.prepare('SELECT data FROM series ORDER BY id').iterate()) {
    if (data instanceof Uint8Array) decodeSeries(zstdDecompressSync(data), visit);
  }
}
