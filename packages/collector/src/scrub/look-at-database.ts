import { fstat, read } from 'node:fs';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import {
  areTrusted,
  areWhole,
  isAsWritten,
  readSumsInSlices,
  type Sums,
  sumsPath,
} from '../page-sums/sums-file.ts';
import { lengthFaults } from '../page-sums/check-database.ts';
import { MISSING } from '../page-sums/missing-databases.ts';
import { TimeSlice } from '../time-slice.ts';
import type { KeptFiles } from './kept-files.ts';
import { PART_BYTES } from './limits.ts';
import { CLEAN, type Look } from './look.ts';
import type { Pace } from './pace.ts';
import { hasCode } from '../has-code.ts';

const readFrom = promisify(read);
const statOf = promisify(fstat);

/** What a look needs from the scrub. */
export interface LookTools {
  readonly kept: KeptFiles;
  readonly pace: Pace;
  /** Told of bytes that were read. */
  readonly onBytes: (bytes: number) => void;
}

/**
 * Compares a database that others write with its checksums: all pages, or some. Every checksum that a page may have is
 * written down before the page is, so what does not agree while the checksums stay as they are has changed by itself.
 * The write-ahead log is left to SQLite's checksums, and checksums of an earlier version accuse nobody.
 */
export async function lookAtDatabase(
  file: string,
  tools: LookTools,
  only: readonly number[] | null = null,
): Promise<Look> {
  const before = await stateOf(sumsPath(file));
  const sums = await readSumsInSlices(file);
  if (sums === undefined) return CLEAN;
  const found = await compare(file, sums, tools, only);
  return { ...found, isSteady: before !== null && before === (await stateOf(sumsPath(file))) };
}

async function compare(
  file: string,
  sums: Sums,
  tools: LookTools,
  only: readonly number[] | null,
): Promise<Look> {
  if (!areWhole(sums)) {
    return {
      ...CLEAN,
      faults: ['the checksums are damaged; the data itself may be whole, and could not be checked'],
    };
  }
  if (!areTrusted(sums)) return CLEAN;
  const hasLog = ((await stat(`${file}-wal`).catch(() => null))?.size ?? 0) > 0;
  const fd = await tools.kept.open(file);
  const size = fd === undefined ? 0 : (await statOf(fd)).size;
  if (fd === undefined || size === 0) {
    return { ...CLEAN, faults: [MISSING] };
  }
  const { pageBytes } = sums;
  const pages = new PageReader(fd, sums, tools);
  const badPages = only === null ? await pages.all() : await pages.some(only);
  // One of them accuses it, and the other may be of it.
  const faults = lengthFaults(size, pageBytes, await lastPage(sums), hasLog).slice(0, 1);
  return { ...CLEAN, badPages, pageBytes, faults };
}

async function lastPage({ newest }: Sums): Promise<number> {
  const slice = new TimeSlice();
  let known = 0;
  for (const number of newest.keys()) {
    known = Math.max(known, number);
    if (number % 1024 === 0 && slice.over) await slice.rest();
  }
  return known;
}

class PageReader {
  readonly #fd: number;
  readonly #sums: Sums;
  readonly #tools: LookTools;
  readonly #buffer = new Uint8Array(PART_BYTES);

  constructor(fd: number, sums: Sums, tools: LookTools) {
    this.#fd = fd;
    this.#sums = sums;
    this.#tools = tools;
  }

  async all(): Promise<number[]> {
    const bad: number[] = [];
    for (let at = 0; ; at += PART_BYTES) {
      const bytes = await this.#read(at, PART_BYTES);
      bad.push(...(await this.#badIn(at, bytes)));
      if (bytes.length < PART_BYTES) return bad;
    }
  }

  async some(numbers: readonly number[]): Promise<number[]> {
    const { pageBytes } = this.#sums;
    const bad: number[] = [];
    for (const number of numbers) {
      const at = (number - 1) * pageBytes;
      bad.push(...(await this.#badIn(at, await this.#read(at, pageBytes))));
    }
    return bad;
  }

  /** From the beginning of a page; pages that are cut short are told by the file's length. */
  async #badIn(at: number, bytes: Uint8Array): Promise<number[]> {
    const { pageBytes } = this.#sums;
    const slice = new TimeSlice();
    const bad: number[] = [];
    for (let i = 0; (i + 1) * pageBytes <= bytes.length; i++) {
      const number = at / pageBytes + 1 + i;
      if (!isAsWritten(this.#sums, number, bytes.subarray(i * pageBytes, (i + 1) * pageBytes)))
        bad.push(number);
      if (slice.over) await slice.rest();
    }
    return bad;
  }

  async #read(at: number, length: number): Promise<Uint8Array> {
    let done = 0;
    while (done < length) {
      const { bytesRead } = await readFrom(this.#fd, this.#buffer, done, length - done, at + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    this.#tools.onBytes(done);
    await this.#tools.pace.take(done);
    return this.#buffer.subarray(0, done);
  }
}

/** Tells one content of a file that is only appended to or replaced from another. */
async function stateOf(file: string): Promise<string | null> {
  try {
    const { ino, size, mtimeNs } = await stat(file, { bigint: true });
    return `${ino} ${size} ${mtimeNs}`;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}
