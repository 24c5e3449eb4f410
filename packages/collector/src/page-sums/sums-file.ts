import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { systemFiles } from '../telemetry/embedded/files.ts';
import {
  FILE_HEADER_BYTES,
  FRAME_HEAD_BYTES,
  fileHeader,
  intactFrames,
  sealFrame,
} from '../telemetry/embedded/framing.ts';
import { hasKnownHeader } from './known-header.ts';
import { TimeSlice } from '../time-slice.ts';
import { isTornTail } from './torn-tail.ts';
import type { Salts } from './wal-pages.ts';

const SUMS_FILE_KIND = 3;
/**
 * Files of version 1 were left behind by their databases where a process ended without closing them: what they say of a
 * page may be older than the page.
 */
const SUMS_VERSION = 2;
/** Page number and checksum, 32 bits each. */
const ENTRY_BYTES = 8;
/** The size of a page. */
const HEAD_BYTES_V1 = 4;
/** The size of a page and the salts of the write-ahead log. */
const HEAD_BYTES = 12;
/** Records of earlier checkpoints are dropped when they are this much more than one of all pages would be. */
const SLACK_BYTES = 256 * 1024;
/** Of a record of all pages, made when no log was left to be copied back. */
const NO_LOG: Salts = [0, 0];
/** Stands among checksums for a page that there was not before. */
const ABSENT = -1;

export interface Sums {
  readonly version: number;
  readonly pageBytes: number;
  /** What pages have once the write-ahead log is copied back. */
  readonly newest: ReadonlyMap<number, number>;
  /** What else pages may have until then: a checkpoint can end at any transaction that a reader still sees. */
  readonly earlier: ReadonlyMap<number, ReadonlySet<number>>;
  /** Of the log that the last record was made of. */
  readonly salts: Salts;
  /** Bytes behind the last whole record, and whether the file begins as one of ours. */
  readonly strayBytes: number;
  readonly isReadable: boolean;
  /** Up to the end of the last whole record. */
  readonly sizeBytes: number;
}

/** What the name of a database ends with where its checksums are. */
export const SUMS_SUFFIX = '.sums';

/** Where the checksums of a database's pages are. */
export function sumsPath(database: string): string {
  return database + SUMS_SUFFIX;
}

/** Entries that are read at once, a fraction of a millisecond. */
const STEP_ENTRIES = 4096;

/** Undefined where there are none. */
export function readSums(database: string): Sums | undefined {
  const steps = stepsOfReading(database);
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/** As `readSums`, without holding the thread: a large day has a hundred thousand pages. */
export async function readSumsInSlices(database: string): Promise<Sums | undefined> {
  const steps = stepsOfReading(database);
  const slice = new TimeSlice();
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    if (slice.over) await slice.rest();
  }
}

function* stepsOfReading(database: string): Generator<undefined, Sums | undefined> {
  const file = sumsPath(database);
  if (!existsSync(file)) return undefined;
  const bytes = readFileSync(file);
  const isReadable = hasKnownHeader(bytes, SUMS_FILE_KIND, SUMS_VERSION);
  const version = isReadable ? bytes.readUInt32LE(FILE_HEADER_BYTES - 4) : 0;
  const pages = new PageSums();
  let end = isReadable ? FILE_HEADER_BYTES : 0;
  for (const { payload, payloadOffset } of isReadable ? intactFrames(bytes) : []) {
    const entries = pages.begin(payload, version);
    for (let i = 0; i * ENTRY_BYTES < entries.byteLength; i++) {
      if (i % STEP_ENTRIES === 0) yield;
      pages.add(entries.getUint32(i * ENTRY_BYTES, true), entries.getUint32(i * ENTRY_BYTES + 4, true));
    }
    end = payloadOffset + payload.length;
  }
  // A record that a crash cut short was not followed by its checkpoint: what is before it holds.
  const isTorn = isReadable && (end >= bytes.length || isTornTail(bytes, end));
  const { pageBytes, salts, newest, earlier } = pages;
  const strayBytes = isTorn ? 0 : bytes.length - end;
  return { version, pageBytes, salts, newest, earlier, strayBytes, isReadable, sizeBytes: end };
}

class PageSums {
  readonly newest = new Map<number, number>();
  readonly earlier = new Map<number, Set<number>>();
  pageBytes = 0;
  salts: Salts = NO_LOG;
  #isFirst = false;

  /** Takes the head of the next record. @returns what follows it. */
  begin(payload: Uint8Array, version: number): DataView {
    const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
    const headBytes = version === 1 ? HEAD_BYTES_V1 : HEAD_BYTES;
    const salts: Salts = version === 1 ? NO_LOG : [view.getUint32(4, true), view.getUint32(8, true)];
    // A log begins anew when all of it was copied back; of version 1 each record was taken to be of another.
    if (version === 1 || !areSame(salts, this.salts)) this.earlier.clear();
    this.salts = salts;
    this.pageBytes = view.getUint32(0, true);
    this.#isFirst = this.newest.size === 0;
    return new DataView(payload.buffer, payload.byteOffset + headBytes, payload.length - headBytes);
  }

  add(number: number, sum: number): void {
    const before = this.newest.get(number);
    if (before === sum) return;
    this.newest.set(number, sum);
    if (this.#isFirst) return;
    let others = this.earlier.get(number);
    if (others === undefined) this.earlier.set(number, (others = new Set()));
    others.add(before ?? ABSENT);
    others.delete(sum);
  }
}

function areSame(a: Salts, b: Salts): boolean {
  return a[0] === b[0] && a[1] === b[1];
}

/** Damaged checksums accuse nobody, and nothing is added to them. */
export function areWhole(sums: Sums): boolean {
  return sums.isReadable && sums.strayBytes === 0 && sums.newest.size > 0;
}

/** Whether a page that does not agree has changed; an earlier version may have left its checksum behind otherwise. */
export function areTrusted(sums: Sums): boolean {
  return sums.version === SUMS_VERSION;
}

/** Whether a page is as it was written, as far as these checksums tell. */
export function isAsWritten(sums: Sums, number: number, bytes: Uint8Array): boolean {
  const newest = sums.newest.get(number);
  const earlier = sums.earlier.get(number);
  // SQLite does not write pages that were taken and given back within one transaction.
  const mayBeEmpty = newest === undefined || earlier?.has(ABSENT) === true;
  if (mayBeEmpty && bytes.every((byte) => byte === 0)) return true;
  const sum = crc32(bytes);
  return sum === newest || earlier?.has(sum) === true;
}

/** The pages of a write-ahead log that count, with all that each may have once some of the log is copied back. */
export interface LogSums {
  readonly pageBytes: number;
  readonly salts: Salts;
  /** Newest last. */
  readonly sums: ReadonlyMap<number, ReadonlySet<number>>;
}

/** Adds the checksums that pages may have soon to those there are; durable when it returns, as is the log. */
export function appendSums(database: string, before: Sums, log: LogSums): void {
  const isSameLog = areSame(log.salts, before.salts);
  const entries = entriesOf(log, before, isSameLog);
  if (entries.length === 0) return;
  // What is written down as newest has to be there after a crash: SQLite does not sync each transaction everywhere.
  const walFd = systemFiles.openAppend(`${database}-wal`);
  try {
    systemFiles.datasync(walFd);
  } finally {
    systemFiles.close(walFd);
  }
  const file = sumsPath(database);
  const { size } = statSync(file);
  // Only one checksum of each page holds when all of the log before was copied back.
  const isLong = size > 2 * before.newest.size * ENTRY_BYTES + SLACK_BYTES;
  if (isLong && !isSameLog) rewriteSums(database, log.pageBytes, before.newest);
  const fd = systemFiles.openAppend(file);
  try {
    if (before.sizeBytes < size && !(isLong && !isSameLog)) systemFiles.truncate(fd, before.sizeBytes);
    systemFiles.append(fd, record(log.pageBytes, log.salts, entries));
    systemFiles.datasync(fd);
  } finally {
    systemFiles.close(fd);
  }
}

type Entry = readonly [page: number, sum: number];

/** What of a log is not written down yet. Where a checkpoint was blocked, most of it is. */
function entriesOf({ sums }: LogSums, before: Sums, isSameLog: boolean): Entry[] {
  const entries: Entry[] = [];
  for (const [page, all] of sums) {
    const newest = before.newest.get(page);
    const earlier = isSameLog ? before.earlier.get(page) : undefined;
    let last = newest;
    for (const sum of all) {
      if (sum !== newest && earlier?.has(sum) !== true) entries.push([page, (last = sum)]);
    }
    // A page can come back to what it was.
    const end = [...all].at(-1);
    if (end !== undefined && end !== last) entries.push([page, end]);
  }
  return entries;
}

/** Replaces all checksums; durable when it returns. */
export function rewriteSums(database: string, pageBytes: number, sums: ReadonlyMap<number, number>): void {
  const file = sumsPath(database);
  const draft = `${file}.new`;
  systemFiles.remove(draft);
  const fd = systemFiles.openAppend(draft);
  try {
    systemFiles.append(fd, fileHeader(SUMS_FILE_KIND, SUMS_VERSION));
    systemFiles.append(fd, record(pageBytes, NO_LOG, [...sums]));
    systemFiles.datasync(fd);
  } finally {
    systemFiles.close(fd);
  }
  systemFiles.rename(draft, file);
  systemFiles.syncDirectory(dirname(file));
}

function record(pageBytes: number, salts: Salts, entries: readonly Entry[]): Uint8Array {
  const frame = new Uint8Array(FRAME_HEAD_BYTES + HEAD_BYTES + entries.length * ENTRY_BYTES);
  const view = new DataView(frame.buffer, FRAME_HEAD_BYTES);
  view.setUint32(0, pageBytes, true);
  view.setUint32(4, salts[0], true);
  view.setUint32(8, salts[1], true);
  entries.forEach(([page, sum], i) => {
    view.setUint32(HEAD_BYTES + i * ENTRY_BYTES, page, true);
    view.setUint32(HEAD_BYTES + i * ENTRY_BYTES + 4, sum, true);
  });
  sealFrame(frame);
  return frame;
}
