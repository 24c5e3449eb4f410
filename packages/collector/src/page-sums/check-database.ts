import { existsSync, statSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { readPages } from './checkpoint.ts';
import { areWhole, readSums, type Sums, sumsPath } from './sums-file.ts';
import { readWal } from './wal-pages.ts';

export interface DatabaseCheck {
  /** Pages of the database's file that are not as they were written, by number from 1. */
  readonly badPages: readonly number[];
  /** What else does not hold, with the file it is about. */
  readonly faults: readonly { readonly file: string; readonly what: string }[];
  /** Without checksums only the structure of the database can be checked. */
  readonly hasSums: boolean;
  readonly pageBytes: number;
  readonly sizeBytes: number;
}

/** Looks at a database as it lies on the disk. Where somebody writes it meanwhile, a fault may be a passing one. */
export function checkDatabase(file: string): DatabaseCheck {
  const sums = readSums(file);
  const faults = [...checkLog(file), ...(sums === undefined ? [] : checkSums(file, sums))];
  const badPages: number[] = [];
  const pageBytes = readPages(file, (number, bytes) => {
    if (sums !== undefined && areWhole(sums) && !isAsWritten(sums, number, bytes)) badPages.push(number);
  });
  const { size } = statSync(file);
  if (size > 0 && (pageBytes === 0 || size % pageBytes !== 0)) {
    faults.push({ file, what: 'is no whole database: its header or its size does not fit' });
  }
  const known = Math.max(0, ...(sums?.pages.keys() ?? []));
  if (pageBytes > 0 && known * pageBytes > size && !hasLog(file)) {
    faults.push({ file, what: `ends after ${size / pageBytes} of ${known} pages` });
  }
  return { badPages, faults, hasSums: sums !== undefined, pageBytes, sizeBytes: size };
}

function isAsWritten(sums: Sums, number: number, bytes: Uint8Array): boolean {
  const known = sums.pages.get(number);
  // SQLite does not write pages that were taken and given back within one transaction.
  if (known === undefined) return bytes.every((byte) => byte === 0);
  return known.includes(crc32(bytes));
}

function checkLog(file: string): { file: string; what: string }[] {
  const log = `${file}-wal`;
  const { tail, committedBytes, sizeBytes } = readWal(log, () => undefined);
  // A transaction that is cut short was never committed; a changed byte does not make a file shorter.
  if (tail !== 'damaged') return [];
  const rest = sizeBytes - committedBytes;
  const what = `is damaged at byte ${committedBytes}: what was written last, ${rest} bytes, cannot be read`;
  return [{ file: log, what }];
}

function checkSums(file: string, sums: Sums): { file: string; what: string }[] {
  if (areWhole(sums)) return [];
  return [{ file: sumsPath(file), what: 'the checksums are damaged; the data itself may be whole' }];
}

function hasLog(file: string): boolean {
  return existsSync(`${file}-wal`) && statSync(`${file}-wal`).size > 0;
}
