import { decodeColumn } from '../chunk/column-codec.ts';
import type { SealedColumn } from './sealed-column.ts';

/** Values that no query has read since the interval before are given up. */
const IDLE_INTERVAL_MS = 60_000;
const MAX_SLAB_BYTES = 512 * 1024;
/** What a column takes beside its values. */
const COLUMN_BYTES = 256;

/** Values of columns that were decoded about the same time, given up together. */
export interface Slab {
  readonly memory: Float64Array;
  used: number;
  /** The read that used any of it last. */
  lastRead: number;
  readonly columns: SealedColumn[];
  /** Somebody has values of it in an answer: its memory is nobody else's any more. */
  lent: boolean;
}

/** The columns of one read. */
export interface DecodedRead {
  /**
   * All values of a column; null where it is read for the first time, since most are not come back for, and where the
   * read has decoded half of what there is memory for: more would only push out what others come back for.
   */
  values(column: SealedColumn): Float64Array | null;
}

/**
 * Keeps the values of sealed columns decoded between queries: dashboards and rules come back for the same hours, and
 * decoding costs far more than anything else of a read.
 */
export class DecodedColumns implements Disposable {
  readonly #budgetBytes: number;
  readonly #slabs = new Set<Slab>();
  #filling: Slab | undefined;
  #read = 0;
  #idleSince = 0;
  readonly #timer = setInterval(() => this.#giveUpIdle(), IDLE_INTERVAL_MS).unref();

  constructor(budgetBytes: number) {
    this.#budgetBytes = budgetBytes;
  }

  /** A read of some series begins. */
  begin(): DecodedRead {
    const number = ++this.#read;
    let left = this.#budgetBytes / 2;
    return {
      values: (column) => {
        const { slab } = column;
        if (slab !== null) {
          slab.lastRead = number;
          return column.values;
        }
        if (!column.readBefore) {
          column.readBefore = true;
          return null;
        }
        left -= column.timestamps.length * 8 + COLUMN_BYTES;
        return left < 0 ? null : this.#decode(column);
      },
    };
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #decode(column: SealedColumn): Float64Array {
    const count = column.timestamps.length;
    const room = this.#room(count);
    const at = room.used;
    room.used += count;
    const { source, start, end } = column;
    column.gaps = decodeColumn(source, start, end, count, room.memory, at);
    column.values = room.memory.subarray(at, room.used);
    column.slab = room;
    room.columns.push(column);
    return column.values;
  }

  /** Gives up what no query has read since the call before. */
  #giveUpIdle(): void {
    for (const slab of this.#slabs) if (slab.lastRead <= this.#idleSince) this.#giveUp(slab);
    this.#idleSince = this.#read;
  }

  #room(count: number): Slab {
    if (this.#filling !== undefined && this.#filling.used + count <= this.#filling.memory.length) {
      this.#filling.lastRead = this.#read;
      return this.#filling;
    }
    const slabBytes = Math.min(MAX_SLAB_BYTES, this.#budgetBytes / 8);
    const length = Math.max(count, Math.floor(slabBytes / 8));
    const memory = this.#makeRoom(length) ?? new Float64Array(length);
    const slab: Slab = { memory, used: 0, lastRead: this.#read, columns: [], lent: false };
    this.#slabs.add(slab);
    this.#filling = slab;
    return slab;
  }

  /** Gives up what was not read for longest, until there is room for so many values; memory of theirs that fits. */
  #makeRoom(length: number): Float64Array | undefined {
    let spare: Float64Array | undefined;
    let bytes = length * 8;
    for (const each of this.#slabs) bytes += bytesOf(each);
    while (bytes > this.#budgetBytes) {
      const oldest = this.#leastRecent();
      if (oldest === undefined) break;
      bytes -= bytesOf(oldest);
      this.#giveUp(oldest);
      if (oldest.memory.length === length && !oldest.lent) spare = oldest.memory;
    }
    return spare;
  }

  #leastRecent(): Slab | undefined {
    let least: Slab | undefined;
    for (const slab of this.#slabs) if (least === undefined || slab.lastRead < least.lastRead) least = slab;
    return least;
  }

  #giveUp(slab: Slab): void {
    for (const column of slab.columns) column.giveUp();
    this.#slabs.delete(slab);
    if (this.#filling === slab) this.#filling = undefined;
  }
}

function bytesOf({ memory, columns }: Slab): number {
  return memory.byteLength + columns.length * COLUMN_BYTES;
}
