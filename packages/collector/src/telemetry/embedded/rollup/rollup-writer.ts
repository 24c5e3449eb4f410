import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { checkpoint, checkpointAbove, closeSummed } from '../../../page-sums/checkpoint.ts';
import { SUMS_SUFFIX } from '../../../page-sums/sums-file.ts';
import type { SeriesRef } from '../../store.ts';
import { ByteWriter } from '../byte-writer.ts';
import type { FileLayer } from '../files.ts';
import { DAY_MS } from '../head/windows.ts';
import type { StorePaths } from '../store-paths.ts';
import { encodeBuckets } from './bucket-codec.ts';
import { Buckets } from './buckets.ts';
import { coarsenBuckets } from './coarsen-buckets.ts';
import { DaySamples } from './day-samples.ts';
import { type DaySources, readSources } from './day-sources.ts';
import { COARSE, FINE, type Resolution } from './resolutions.ts';
import { type Samples, rollUpSamples } from './roll-up-samples.ts';
import { type RollupFile, openForWriting, rollupFile, rollupKey } from './rollup-file.ts';

/** Series of one transaction, and of one step of it: tens of milliseconds at a sample every ten seconds. */
const SERIES_PER_TASK = 256;
const SERIES_PER_STEP = 8;
const MAX_WAL_BYTES = 16 * 1024 * 1024;
/** A month's file and its year's, and those of backfill. */
const MAX_OPEN = 4;

/** How far a day has come. */
interface Progress {
  readonly dayStartMs: number;
  readonly sources: string;
  readonly samples: DaySamples;
  next: SeriesRef;
}

/** Makes rollups of the days' files. Lives on the writer's thread. */
export class RollupWriter {
  readonly #paths: Pick<StorePaths, 'days' | 'rollups'>;
  readonly #files: FileLayer;
  readonly #open = new Map<string, DatabaseSync>();
  readonly #fine = new Buckets(DAY_MS / FINE.ms + 1);
  readonly #coarse = new Buckets(DAY_MS / COARSE.ms + 1);
  readonly #out = new ByteWriter();
  #progress: Progress | undefined;

  constructor(paths: Pick<StorePaths, 'days' | 'rollups'>, files: FileLayer) {
    this.#paths = paths;
    this.#files = files;
  }

  /**
   * Goes on with a day, in one transaction, until it is up to date with the day's samples. A day whose samples were
   * dropped is left as it is, whatever came for it since.
   *
   * @returns whether the day is done.
   */
  *rollUp(dayStartMs: number): Generator<void, boolean> {
    const progress = this.#progressOf(dayStartMs);
    if (progress === null) return true;
    const { samples } = progress;
    const last = Math.min(progress.next + SERIES_PER_TASK - 1, samples.lastRef);
    const files = [rollupFile(FINE, dayStartMs), rollupFile(COARSE, dayStartMs)];
    try {
      for (const file of files) this.#database(file).exec('BEGIN IMMEDIATE');
      for (let from = progress.next; from <= last; from += SERIES_PER_STEP) {
        samples.read(from, Math.min(from + SERIES_PER_STEP - 1, last), (ref, columns) =>
          this.#put(dayStartMs, ref, columns),
        );
        yield;
      }
      // The coarse rows first: a day is up to date when the fine file says so.
      for (const file of files.toReversed()) this.#commit(file);
    } catch (error) {
      for (const file of files) this.#rollBack(file);
      this.#forget();
      throw error;
    }
    if (last < samples.lastRef) {
      progress.next = last + 1;
      return false;
    }
    return this.#finish(progress);
  }

  /** Has a day rolled up again whose samples of some series are about to change; theirs are dropped at once. */
  outdate(dayStartMs: number, refs: readonly SeriesRef[]): void {
    if (this.#progress?.dayStartMs === dayStartMs) this.#forget();
    const fine = rollupFile(FINE, dayStartMs);
    if (!existsSync(join(this.#paths.rollups, fine.name))) return;
    const { changes } = this.#database(fine)
      .prepare("UPDATE days SET sources = '' WHERE id = ? AND final = 0")
      .run(dayNumber(fine, dayStartMs));
    // Of a day whose samples are gone nothing could be made again.
    if (changes === 0) return;
    for (const file of [fine, rollupFile(COARSE, dayStartMs)]) {
      const drop = this.#database(file).prepare('DELETE FROM rows WHERE id = ?');
      for (const ref of refs) drop.run(rollupKey(file, dayStartMs, ref));
    }
  }

  /** Keeps what there is of days whose samples are about to be dropped. */
  makeFinal(days: readonly number[]): void {
    for (const day of days) {
      if (this.#progress?.dayStartMs === day) this.#forget();
      const file = rollupFile(FINE, day);
      this.#database(file).prepare('UPDATE days SET final = 1 WHERE id = ?').run(dayNumber(file, day));
    }
    for (const name of new Set(days.map((day) => rollupFile(FINE, day).name))) {
      const database = this.#open.get(name);
      if (database !== undefined) checkpoint(database, join(this.#paths.rollups, name));
    }
  }

  remove(names: readonly string[]): void {
    for (const name of names) {
      this.#open.get(name)?.close();
      this.#open.delete(name);
      for (const suffix of [SUMS_SUFFIX, '', '-wal', '-shm']) {
        rmSync(join(this.#paths.rollups, name + suffix), { force: true });
      }
    }
    if (names.length > 0) this.#files.syncDirectory(this.#paths.rollups);
  }

  close(): void {
    this.#forget();
    for (const [name, database] of this.#open) closeSummed(database, join(this.#paths.rollups, name));
    this.#open.clear();
  }

  /** Null where nothing is to be done. */
  #progressOf(dayStartMs: number): Progress | null {
    if (this.#progress?.dayStartMs === dayStartMs) return this.#progress;
    this.#forget();
    const now = readSources(this.#paths.days, dayStartMs);
    const sources = now.join(' ');
    const file = rollupFile(FINE, dayStartMs);
    const state = this.#database(file)
      .prepare('SELECT sources, final FROM days WHERE id = ?')
      .get(dayNumber(file, dayStartMs));
    if (state?.['final'] === 1 || state?.['sources'] === sources) return null;
    const samples = new DaySamples(this.#paths.days, dayStartMs, knownOf(state?.['sources'], now), now);
    this.#progress = { dayStartMs, sources, samples, next: samples.firstRef };
    return this.#progress;
  }

  #put(dayStartMs: number, ref: SeriesRef, samples: Samples): void {
    rollUpSamples(samples, FINE.ms, this.#fine);
    if (this.#fine.length === 0) return;
    coarsenBuckets(this.#fine, COARSE.ms, this.#coarse);
    this.#putRow(FINE, this.#fine, dayStartMs, ref);
    this.#putRow(COARSE, this.#coarse, dayStartMs, ref);
  }

  #putRow(resolution: Resolution, buckets: Buckets, dayStartMs: number, ref: SeriesRef): void {
    const file = rollupFile(resolution, dayStartMs);
    const database = this.#database(file);
    this.#out.reset();
    encodeBuckets(this.#out, buckets, dayStartMs, resolution.ms);
    database
      .prepare('INSERT OR REPLACE INTO rows (id, data) VALUES (?, ?)')
      .run(rollupKey(file, dayStartMs, ref), this.#out.written());
    database.prepare('INSERT OR IGNORE INTO series (id) VALUES (?)').run(ref);
  }

  /** What was merged into the day meanwhile makes it begin again; else all of it is made durable. */
  #finish({ dayStartMs, sources }: Progress): boolean {
    this.#forget();
    if (readSources(this.#paths.days, dayStartMs).join(' ') !== sources) return false;
    const coarse = rollupFile(COARSE, dayStartMs);
    checkpoint(this.#database(coarse), join(this.#paths.rollups, coarse.name));
    const fine = rollupFile(FINE, dayStartMs);
    this.#database(fine)
      .prepare('INSERT OR REPLACE INTO days (id, sources, final) VALUES (?, ?, 0)')
      .run(dayNumber(fine, dayStartMs), sources);
    checkpoint(this.#database(fine), join(this.#paths.rollups, fine.name));
    return true;
  }

  #commit(file: RollupFile): void {
    const path = join(this.#paths.rollups, file.name);
    const database = this.#database(file);
    this.#files.beforeCommit(path);
    database.exec('COMMIT');
    checkpointAbove(database, path, MAX_WAL_BYTES);
  }

  #rollBack(file: RollupFile): void {
    const database = this.#open.get(file.name);
    if (database?.isTransaction === true) database.exec('ROLLBACK');
  }

  #database(file: RollupFile): DatabaseSync {
    let database = this.#open.get(file.name);
    if (database === undefined) {
      mkdirSync(this.#paths.rollups, { recursive: true });
      database = openForWriting(this.#paths.rollups, file);
      const [oldest] = this.#open;
      if (oldest !== undefined && this.#open.size >= MAX_OPEN) {
        closeSummed(oldest[1], join(this.#paths.rollups, oldest[0]));
        this.#open.delete(oldest[0]);
      }
    } else this.#open.delete(file.name);
    this.#open.set(file.name, database);
    return database;
  }

  #forget(): void {
    this.#progress?.samples[Symbol.dispose]();
    this.#progress = undefined;
  }
}

/** What the rows of a day were made of; nothing where that is not a part of what there is now. */
function knownOf(sources: unknown, now: DaySources): DaySources {
  const known = typeof sources === 'string' ? sources.split(' ').map(Number) : [];
  return known.every((count, i) => count <= (now[i] ?? 0)) ? known : [];
}

function dayNumber(file: RollupFile, dayStartMs: number): number {
  return (dayStartMs - file.startMs) / DAY_MS;
}
