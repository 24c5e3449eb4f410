import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { pageBytesOf, readParts } from './database-pages.ts';
import {
  areTrusted,
  areWhole,
  isAsWritten,
  readSums,
  readSumsInSlices,
  type Sums,
  sumsPath,
} from './sums-file.ts';
import { readWal } from './wal-pages.ts';

export interface DatabaseCheck {
  /** Pages of the database's file that are not as they were written, by number from 1. */
  readonly badPages: readonly number[];
  /** What else does not hold, with the file it is about. */
  readonly faults: readonly DatabaseFault[];
  /** Without checksums only the structure of the database can be checked. */
  readonly hasSums: boolean;
  /** False where an earlier version of plimsoll may have left checksums behind that are older than their pages. */
  readonly isTrusted: boolean;
  readonly pageBytes: number;
  readonly sizeBytes: number;
}

interface DatabaseFault {
  readonly file: string;
  readonly what: string;
}

/** Looks at a database as it lies on the disk. Where somebody writes it meanwhile, a fault may be a passing one. */
export function checkDatabase(file: string): DatabaseCheck {
  const check = new PageCheck(file, readSums(file));
  for (const part of readParts(file)) check.take(part);
  return check.finish();
}

/** Pages named in a message. */
const MAX_NAMED = 10;

/** Says in words which pages changed; `isTrusted` as of a check. */
export function pagesText(pages: readonly number[], isTrusted = true): string {
  const more = pages.length > MAX_NAMED ? ` and ${pages.length - MAX_NAMED} more` : '';
  const numbers = pages.slice(0, MAX_NAMED).join(', ') + more;
  const subject =
    pages.length === 1 ? `page ${numbers} changed since it was` : `pages ${numbers} changed since they were`;
  const doubt = isTrusted
    ? ''
    : ' (an earlier version of plimsoll may have left it so, with nothing damaged)';
  return `${subject} written${doubt}`;
}

/** Whether a database begins with the page that was written there, as far as checksums that can be trusted tell. */
export function hasIntactHeader(file: string): boolean {
  const sums = readSums(file);
  if (sums === undefined || !areWhole(sums) || !areTrusted(sums)) return true;
  const page = new Uint8Array(sums.pageBytes);
  const fd = openSync(file, 'r');
  try {
    return readSync(fd, page, 0, page.length, 0) === page.length && isAsWritten(sums, 1, page);
  } finally {
    closeSync(fd);
  }
}

/** Compares a database with its checksums while somebody reads it, in order. */
export class PageCheck {
  readonly #file: string;
  readonly #sums: Sums | undefined;
  readonly #faults: DatabaseFault[];
  readonly #badPages: number[] = [];
  #pageBytes = 0;
  #bytes = 0;

  /** Reads the checksums a part at a time, and the write-ahead log. */
  static async begin(file: string): Promise<PageCheck> {
    return new PageCheck(file, await readSumsInSlices(file));
  }

  constructor(file: string, sums: Sums | undefined) {
    this.#file = file;
    this.#faults = [...checkLog(file), ...(sums === undefined ? [] : checkSums(file, sums))];
    this.#sums = sums !== undefined && areWhole(sums) ? sums : undefined;
  }

  /** The next part of the file: many whole pages, but for what the file may end with. */
  take(part: Uint8Array): void {
    if (this.#bytes === 0) this.#pageBytes = pageBytesOf(part);
    const pageBytes = this.#pageBytes;
    const first = this.#bytes / pageBytes + 1;
    this.#bytes += part.length;
    if (this.#sums === undefined || pageBytes === 0) return;
    for (let i = 0; (i + 1) * pageBytes <= part.length; i++) {
      const page = part.subarray(i * pageBytes, (i + 1) * pageBytes);
      if (!isAsWritten(this.#sums, first + i, page)) this.#badPages.push(first + i);
    }
  }

  finish(): DatabaseCheck {
    const file = this.#file;
    const size = this.#bytes;
    const pageBytes = this.#pageBytes;
    let known = 0;
    for (const number of this.#sums?.newest.keys() ?? []) known = Math.max(known, number);
    const ofLength = lengthFaults(size, pageBytes, known, hasLog(file)).map((what) => ({ file, what }));
    return {
      badPages: this.#badPages,
      faults: [...this.#faults, ...ofLength],
      hasSums: existsSync(sumsPath(file)),
      isTrusted: this.#sums === undefined || areTrusted(this.#sums),
      pageBytes,
      sizeBytes: size,
    };
  }
}

/** What does not hold of a database's size, with checksums of `known` pages: those in a write-ahead log are still to come. */
export function lengthFaults(size: number, pageBytes: number, known: number, withLog: boolean): string[] {
  const isCut = size > 0 && (pageBytes === 0 || size % pageBytes !== 0);
  const isShort = pageBytes > 0 && known * pageBytes > size && !withLog;
  return [
    ...(isCut ? ['is no whole database: its header or its size does not fit'] : []),
    ...(isShort ? [`ends after ${size / pageBytes} of ${known} pages`] : []),
  ];
}

function checkLog(file: string): DatabaseFault[] {
  const log = `${file}-wal`;
  const { tail, committedBytes, sizeBytes } = readWal(log, () => undefined);
  // A transaction that is cut short was never committed; a changed byte does not make a file shorter.
  if (tail !== 'damaged') return [];
  const rest = sizeBytes - committedBytes;
  const what = `is damaged at byte ${committedBytes}: what was written last, ${rest} bytes, cannot be read`;
  return [{ file: log, what }];
}

function checkSums(file: string, sums: Sums): DatabaseFault[] {
  if (areWhole(sums)) return [];
  return [{ file: sumsPath(file), what: 'the checksums are damaged; the data itself may be whole' }];
}

function hasLog(file: string): boolean {
  return existsSync(`${file}-wal`) && statSync(`${file}-wal`).size > 0;
}
