import { closeSync, existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
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

const SUMS_FILE_KIND = 3;
const SUMS_VERSION = 1;
/** Page number and checksum, 32 bits each. */
const ENTRY_BYTES = 8;
const PAGE_SIZE_BYTES = 4;
/** Records of earlier checkpoints are dropped when they are this much more than one of all pages would be. */
const SLACK_BYTES = 256 * 1024;

/** What a page's checksum may be: of its newest content, or of that before while the newest is on its way. */
export type PageSum = readonly [newest: number, before: number | undefined];

export interface Sums {
  readonly pageBytes: number;
  readonly pages: ReadonlyMap<number, PageSum>;
  /** Bytes behind the last whole record, and whether the file begins as one of ours. */
  readonly strayBytes: number;
  readonly isReadable: boolean;
  /** Up to the end of the last whole record. */
  readonly sizeBytes: number;
}

/** Where the checksums of a database's pages are. */
export function sumsPath(database: string): string {
  return `${database}.sums`;
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
  const pages = new Map<number, PageSum>();
  let pageBytes = 0;
  let end = isReadable ? FILE_HEADER_BYTES : 0;
  const records = isReadable ? [...intactFrames(bytes)] : [];
  for (const [i, { payload, payloadOffset }] of records.entries()) {
    const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
    pageBytes = view.getUint32(0, true);
    const isLast = i === records.length - 1;
    for (let at = PAGE_SIZE_BYTES; at < payload.length; at += ENTRY_BYTES) {
      if ((at - PAGE_SIZE_BYTES) % (STEP_ENTRIES * ENTRY_BYTES) === 0) yield;
      const number = view.getUint32(at, true);
      pages.set(number, [view.getUint32(at + 4, true), isLast ? pages.get(number)?.[0] : undefined]);
    }
    end = payloadOffset + payload.length;
  }
  // A record that a crash cut short was not followed by its checkpoint: what is before it holds.
  const isTorn = isReadable && (end >= bytes.length || isTornTail(bytes, end));
  return { pageBytes, pages, strayBytes: isTorn ? 0 : bytes.length - end, isReadable, sizeBytes: end };
}

/** Damaged checksums accuse nobody, and nothing is added to them. */
export function areWhole(sums: Sums): boolean {
  return sums.isReadable && sums.strayBytes === 0;
}

/** Adds the checksums that pages are about to have to those there are; durable when it returns. */
export function appendSums(
  database: string,
  before: Sums,
  pageBytes: number,
  sums: ReadonlyMap<number, number>,
): void {
  const file = sumsPath(database);
  const { size } = statSync(file);
  if (before.sizeBytes < size || size > 2 * before.pages.size * ENTRY_BYTES + SLACK_BYTES) {
    // One record of all that is known, and then the new one: a page has either content until the checkpoint is done.
    rewriteSums(
      database,
      pageBytes,
      new Map([...before.pages].map(([number, [newest]]) => [number, newest])),
    );
  }
  const fd = systemFiles.openAppend(file);
  try {
    systemFiles.append(fd, record(pageBytes, sums));
    systemFiles.datasync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Replaces all checksums; durable when it returns. */
export function rewriteSums(database: string, pageBytes: number, sums: ReadonlyMap<number, number>): void {
  const file = sumsPath(database);
  const draft = `${file}.new`;
  systemFiles.remove(draft);
  const fd = systemFiles.openAppend(draft);
  try {
    systemFiles.append(fd, fileHeader(SUMS_FILE_KIND, SUMS_VERSION));
    systemFiles.append(fd, record(pageBytes, sums));
    systemFiles.datasync(fd);
  } finally {
    closeSync(fd);
  }
  systemFiles.rename(draft, file);
  systemFiles.syncDirectory(dirname(file));
}

function record(pageBytes: number, sums: ReadonlyMap<number, number>): Uint8Array {
  const frame = new Uint8Array(FRAME_HEAD_BYTES + PAGE_SIZE_BYTES + sums.size * ENTRY_BYTES);
  const view = new DataView(frame.buffer);
  view.setUint32(FRAME_HEAD_BYTES, pageBytes, true);
  let at = FRAME_HEAD_BYTES + PAGE_SIZE_BYTES;
  for (const [number, sum] of sums) {
    view.setUint32(at, number, true);
    view.setUint32(at + 4, sum, true);
    at += ENTRY_BYTES;
  }
  sealFrame(frame);
  return frame;
}
