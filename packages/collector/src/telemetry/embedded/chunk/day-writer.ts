import type { DatabaseSync } from 'node:sqlite';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { checkpointAbove, closeSummed } from '../../../page-sums/checkpoint.ts';
import { SUMS_SUFFIX } from '../../../page-sums/sums-file.ts';
import { ByteWriter } from '../byte-writer.ts';
import type { SeriesDeletion } from '../deletion/deletions.ts';
import type { FileLayer } from '../files.ts';
import { dayStart } from '../head/windows.ts';
import { type ParsedBlock, parseBlock, readTimeline } from './block-codec.ts';
import { type BlockLocation, BlockReader } from './block-files.ts';
import { coalesceBlocks } from './coalesce-blocks.ts';
import { writeDetailedSegment, writeOwnSegment, writeSharedSegment } from './chunk-segments.ts';
import { dayFileName, dayKey, openDay } from './day-file.ts';
import { PADDING_BYTES } from './padded-bytes.ts';
import { purgeChunk } from './purge-chunk.ts';

/** Days kept open for writing: the present one and one of backfill. */
const MAX_OPEN_DAYS = 2;
/** The writer copies its write-ahead log back when it has grown this far. */
const MAX_WAL_BYTES = 16 * 1024 * 1024;
const MAX_NUMBER = 2 ** 32 - 1;
const PADDING = new Uint8Array(PADDING_BYTES);

/** Rearranges blocks by series into day files. Lives on the writer's thread. */
export class DayWriter {
  readonly #directory: string;
  readonly #blocks: BlockReader;
  readonly #files: FileLayer;
  readonly #open = new Map<number, DatabaseSync>();

  constructor(directory: string, blockDirectory: string, files: FileLayer) {
    this.#directory = directory;
    this.#blocks = new BlockReader(blockDirectory);
    this.#files = files;
  }

  /**
   * Adds blocks to their window's chunks, in one transaction. A block that is there already, from an attempt that was
   * cut short, is passed over.
   */
  merge(windowStartMs: number, locations: readonly BlockLocation[]): void {
    const day = this.#day(dayStart(windowStartMs));
    const { sources, nextNumber } = mergedSources(day, windowStartMs);
    const fresh = locations.filter((location) => !sources.has(sourceOf(location)));
    if (fresh.length === 0) return;
    const coalesced = coalesceBlocks(fresh.map((location) => parseBlock(this.#blocks.read(location))));
    const blocks = coalesced.map(({ block }) => block);
    day.exec('BEGIN IMMEDIATE');
    try {
      const putTimeline = day.prepare('INSERT INTO timelines (id, source, data) VALUES (?, ?, ?)');
      coalesced.forEach(({ block, of }, i) => {
        const data = block.kind === 'frames' ? block.timelineBytes : new Uint8Array();
        const source = of.map((index) => sourceOf(fresh[index])).join(' ');
        putTimeline.run(dayKey(windowStartMs, nextNumber + i), source, data);
      });
      writeChunks(day, windowStartMs, blocks, nextNumber, sources.size > 0);
      this.#files.beforeCommit(join(this.#directory, dayFileName(dayStart(windowStartMs))));
      day.exec('COMMIT');
    } catch (error) {
      if (day.isTransaction) day.exec('ROLLBACK');
      throw error;
    }
    this.#checkpoint(dayStart(windowStartMs), MAX_WAL_BYTES);
  }

  /** Takes deleted samples out of a window's chunks, in one transaction, and out of the free space of the file. */
  purge(windowStartMs: number, deletions: readonly SeriesDeletion[]): void {
    const day = this.#day(dayStart(windowStartMs));
    day.exec('PRAGMA secure_delete = ON; BEGIN IMMEDIATE');
    try {
      purgeChunks(day, windowStartMs, deletions);
      this.#files.beforeCommit(join(this.#directory, dayFileName(dayStart(windowStartMs))));
      day.exec('COMMIT');
    } catch (error) {
      if (day.isTransaction) day.exec('ROLLBACK');
      throw error;
    } finally {
      day.exec('PRAGMA secure_delete = OFF');
    }
    this.#checkpoint(dayStart(windowStartMs), 0);
  }

  /** Copies the write-ahead log of a window's day back into its file. */
  settle(windowStartMs: number): void {
    this.#checkpoint(dayStart(windowStartMs), 0);
  }

  forgetBlocks(files: readonly string[]): void {
    for (const file of files) this.#blocks.forget(file);
  }

  removeDay(dayStartMs: number): void {
    this.#open.get(dayStartMs)?.close();
    this.#open.delete(dayStartMs);
    const path = join(this.#directory, dayFileName(dayStartMs));
    // Its checksums first: where they are without it, it was lost.
    for (const suffix of [SUMS_SUFFIX, '', '-wal', '-shm']) rmSync(path + suffix, { force: true });
    this.#files.syncDirectory(this.#directory);
  }

  close(): void {
    for (const [day, database] of this.#open) closeSummed(database, join(this.#directory, dayFileName(day)));
    this.#open.clear();
    this.#blocks[Symbol.dispose]();
  }

  #day(dayStartMs: number): DatabaseSync {
    let database = this.#open.get(dayStartMs);
    if (database === undefined) {
      database = openDay(this.#directory, dayStartMs, 'write');
      const [oldest] = this.#open.keys();
      if (oldest !== undefined && this.#open.size >= MAX_OPEN_DAYS) {
        const evicted = this.#open.get(oldest);
        if (evicted !== undefined) closeSummed(evicted, join(this.#directory, dayFileName(oldest)));
        this.#open.delete(oldest);
      }
      this.#open.set(dayStartMs, database);
    }
    return database;
  }

  #checkpoint(dayStartMs: number, aboveBytes: number): void {
    checkpointAbove(this.#day(dayStartMs), join(this.#directory, dayFileName(dayStartMs)), aboveBytes);
  }
}

function sourceOf(location: BlockLocation | undefined): string {
  return `${location?.file}:${location?.offset}`;
}

function mergedSources(
  day: DatabaseSync,
  windowStartMs: number,
): { readonly sources: ReadonlySet<string>; readonly nextNumber: number } {
  const rows = day
    .prepare('SELECT source FROM timelines WHERE id BETWEEN ? AND ?')
    .all(dayKey(windowStartMs, 1), dayKey(windowStartMs, MAX_NUMBER));
  return {
    sources: new Set(rows.flatMap((row) => String(row.source).split(' '))),
    nextNumber: rows.length + 1,
  };
}

function purgeChunks(day: DatabaseSync, windowStartMs: number, deletions: readonly SeriesDeletion[]): void {
  const put = day.prepare('INSERT OR REPLACE INTO chunks (id, data) VALUES (?, ?)');
  const get = day.prepare('SELECT data FROM chunks WHERE id = ?');
  const drop = day.prepare('DELETE FROM chunks WHERE id = ?');
  const getTimeline = day.prepare('SELECT data FROM timelines WHERE id = ?');
  const timelines = new Map<number, Float64Array>();
  const timesOf = (number: number): Float64Array => {
    const known = timelines.get(number);
    if (known !== undefined) return known;
    const data = getTimeline.get(dayKey(windowStartMs, number))?.data;
    if (!(data instanceof Uint8Array)) throw new Error(`timeline ${windowStartMs}:${number} is missing`);
    const { timestamps } = readTimeline(data);
    timelines.set(number, timestamps);
    return timestamps;
  };
  for (const [ref, spans] of deletions) {
    const key = dayKey(windowStartMs, ref);
    const before = get.get(key)?.data;
    if (!(before instanceof Uint8Array)) continue;
    const after = purgeChunk(before, spans, timesOf);
    if (after === null) drop.run(key);
    else if (after !== before) put.run(key, after);
  }
}

function writeChunks(
  day: DatabaseSync,
  windowStartMs: number,
  blocks: readonly ParsedBlock[],
  firstTimeline: number,
  mayExist: boolean,
): void {
  const put = day.prepare('INSERT OR REPLACE INTO chunks (id, data) VALUES (?, ?)');
  const get = day.prepare('SELECT data FROM chunks WHERE id = ?');
  const out = new ByteWriter();
  for (const [ref, places] of placesByRef(blocks)) {
    const key = dayKey(windowStartMs, ref);
    out.reset();
    const existing = mayExist ? get.get(key)?.data : undefined;
    if (existing instanceof Uint8Array) out.bytes(existing.subarray(0, -PADDING_BYTES));
    for (const { block, slot } of places) writeSegment(out, blocks[block], slot, firstTimeline + block);
    if (out.length === 0) continue;
    out.bytes(PADDING);
    put.run(key, out.written());
  }
}

function writeSegment(out: ByteWriter, block: ParsedBlock | undefined, slot: number, timeline: number): void {
  if (block === undefined) return;
  const { source, ends } = block;
  const part = (n: number): Uint8Array => source.bytes.subarray(ends[n], ends[n + 1]);
  if (block.kind === 'loose') {
    const count = block.counts[slot] ?? 0;
    const [times, values, details] = [part(slot * 3), part(slot * 3 + 1), part(slot * 3 + 2)];
    if (details.length === 0) writeOwnSegment(out, count, times, values);
    else writeDetailedSegment(out, count, times, values, details);
    return;
  }
  const column = part(slot);
  if (column.length > 0) writeSharedSegment(out, timeline, column);
}

interface Place {
  readonly block: number;
  readonly slot: number;
}

/** Where each series is in the blocks, in ascending order of series, so that rows are added at the file's end. */
function placesByRef(blocks: readonly ParsedBlock[]): [number, Place[]][] {
  const places = new Map<number, Place[]>();
  blocks.forEach((block, i) => {
    block.refs.forEach((ref, slot) => {
      if (ref > MAX_NUMBER - 1) return;
      const known = places.get(ref);
      if (known === undefined) places.set(ref, [{ block: i, slot }]);
      else known.push({ block: i, slot });
    });
  });
  return [...places].sort((a, b) => a[0] - b[0]);
}
