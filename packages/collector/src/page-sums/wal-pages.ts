import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { hasCode } from '../has-code.ts';

/** https://www.sqlite.org/fileformat2.html#the_write_ahead_log: all numbers of its headers are big-endian. */
const WAL_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
/** The last bit says whether the checksums are over big-endian words. */
const WAL_MAGIC = 0x377f_0682;

export interface WalPage {
  readonly number: number;
  /** Valid until the next page is visited. */
  readonly bytes: Uint8Array;
}

export interface WalEnd {
  readonly pageBytes: number;
  readonly salts: Salts;
  /** Up to here the log is whole and committed. */
  readonly committedBytes: number;
  readonly sizeBytes: number;
  /** What is behind: `leftover` of an earlier round, a transaction that was `cut` short, `damaged`, or nothing. */
  readonly tail: 'none' | 'leftover' | 'cut' | 'damaged';
}

/** They change when a log that was copied back as a whole begins anew. */
export type Salts = readonly [number, number];

const EMPTY: WalEnd = { pageBytes: 0, salts: [0, 0], committedBytes: 0, sizeBytes: 0, tail: 'none' };

/**
 * Visits the pages of a write-ahead log in order, as far as their checksums hold. Pages behind the last commit are
 * visited too; `committedBytes` tells how many count: what is visited after it does not.
 */
export function readWal(file: string, visit: (page: WalPage, endBytes: number) => void): WalEnd {
  const fd = openIfThere(file);
  if (fd === undefined) return EMPTY;
  try {
    return new WalReader(fd).read(visit);
  } finally {
    closeSync(fd);
  }
}

class WalReader {
  readonly #fd: number;
  readonly #sizeBytes: number;
  /** One frame, used again for each. */
  #buffer = new Uint8Array(WAL_HEADER_BYTES);
  #sum1 = 0;
  #sum2 = 0;
  #littleEndian = true;

  constructor(fd: number) {
    this.#fd = fd;
    this.#sizeBytes = fstatSync(fd).size;
  }

  read(visit: (page: WalPage, endBytes: number) => void): WalEnd {
    const sizeBytes = this.#sizeBytes;
    if (sizeBytes === 0) return EMPTY;
    const header = this.#bytes(0, WAL_HEADER_BYTES);
    if (header === undefined || !this.#begin(header)) return { ...EMPTY, sizeBytes, tail: 'damaged' };
    const pageBytes = header.getUint32(8);
    const salts: Salts = [header.getUint32(16), header.getUint32(20)];
    const frameBytes = FRAME_HEADER_BYTES + pageBytes;
    let committedBytes = WAL_HEADER_BYTES;
    let at = WAL_HEADER_BYTES;
    for (; at + frameBytes <= sizeBytes; at += frameBytes) {
      const frame = this.#bytes(at, frameBytes);
      if (frame === undefined || !this.#isNext(frame, salts)) break;
      const bytes = new Uint8Array(frame.buffer, frame.byteOffset + FRAME_HEADER_BYTES, pageBytes);
      visit({ number: frame.getUint32(0), bytes }, at + frameBytes);
      if (frame.getUint32(4) !== 0) committedBytes = at + frameBytes;
    }
    const tail = this.#tail(at, committedBytes, frameBytes, salts);
    return { pageBytes, salts, committedBytes, sizeBytes, tail };
  }

  #begin(header: DataView): boolean {
    const magic = header.getUint32(0);
    if ((magic & ~1) !== WAL_MAGIC) return false;
    this.#littleEndian = (magic & 1) === 0;
    this.#add(header, 0, 24);
    return this.#sum1 === header.getUint32(24) && this.#sum2 === header.getUint32(28);
  }

  #isNext(frame: DataView, [salt1, salt2]: Salts): boolean {
    if (frame.getUint32(8) !== salt1 || frame.getUint32(12) !== salt2) return false;
    this.#add(frame, 0, 8);
    this.#add(frame, FRAME_HEADER_BYTES, frame.byteLength - FRAME_HEADER_BYTES);
    return this.#sum1 === frame.getUint32(16) && this.#sum2 === frame.getUint32(20);
  }

  /** SQLite's running checksum: two sums that feed each other, over words of 32 bits. */
  #add(view: DataView, start: number, length: number): void {
    let a = this.#sum1;
    let b = this.#sum2;
    const little = this.#littleEndian;
    for (let at = start; at < start + length; at += 8) {
      a = (a + view.getUint32(at, little) + b) >>> 0;
      b = (b + view.getUint32(at + 4, little) + a) >>> 0;
    }
    this.#sum1 = a;
    this.#sum2 = b;
  }

  #tail(at: number, committedBytes: number, frameBytes: number, salts: Salts): WalEnd['tail'] {
    if (at === this.#sizeBytes) return committedBytes === at ? 'none' : 'cut';
    if (at + frameBytes > this.#sizeBytes) return 'cut';
    // Salts count up from round to round: what an earlier round left behind has smaller ones, to the end.
    const left = this.#bytes(at, FRAME_HEADER_BYTES);
    if (left === undefined) return 'cut';
    return left.getUint32(8) === salts[0] || left.getUint32(12) === salts[1] ? 'damaged' : 'leftover';
  }

  #bytes(at: number, length: number): DataView | undefined {
    if (this.#buffer.length < length) this.#buffer = new Uint8Array(length);
    const read = readSync(this.#fd, this.#buffer, 0, length, at);
    return read === length ? new DataView(this.#buffer.buffer, 0, length) : undefined;
  }
}

function openIfThere(file: string): number | undefined {
  try {
    return openSync(file, 'r');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
