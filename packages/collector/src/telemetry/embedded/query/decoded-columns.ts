import { decodeColumn } from '../chunk/column-codec.ts';
import type { SealedColumn } from './sealed-column.ts';

/** Memory for decoded values: the working set of a dashboard or two, a few thousand series over some hours. */
const BUDGET_BYTES = 24 * 1024 * 1024;
/** A query that decodes more than this reads past the memory: it would only push out what others come back for. */
const QUERY_BYTES = BUDGET_BYTES / 2;
/** Values that no query reads for this long, twice at most, are given up. */
const IDLE_INTERVAL_MS = 60_000;
const SLAB_VALUES = 64 * 1024;

/** Values of columns that were decoded about the same time, given up together. */
export interface Slab {
  readonly memory: Float64Array;
  used: number;
  /** The query that read any of it last. */
  lastQuery: number;
  readonly columns: SealedColumn[];
}

/**
 * Keeps the values of sealed columns decoded between queries: dashboards and rules come back for the same hours, and
 * decoding costs far more than anything else of a read.
 */
export class DecodedColumns implements Disposable {
  readonly #slabs = new Set<Slab>();
  #filling: Slab | undefined;
  #query = 0;
  #taken = 0;
  #idleSince = 0;
  readonly #timer = setInterval(() => this.#giveUpIdle(), IDLE_INTERVAL_MS).unref();

  /** A query begins. */
  begin(): void {
    this.#query++;
    this.#taken = 0;
  }

  /** All values of a column; null where the query has had its share of the memory. */
  values(column: SealedColumn): Float64Array | null {
    const { slab } = column;
    if (slab !== null) {
      slab.lastQuery = this.#query;
      return column.values;
    }
    const count = column.timestamps.length;
    if (this.#taken + count * 8 > QUERY_BYTES) return null;
    this.#taken += count * 8;
    const room = this.#room(count);
    const at = room.used;
    room.used += count;
    const { source, start, end } = column.encoded;
    column.gaps = decodeColumn(source, start, end, count, room.memory, at);
    column.values = room.memory.subarray(at, room.used);
    column.slab = room;
    room.columns.push(column);
    return column.values;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  /** Gives up what no query has read since the call before. */
  #giveUpIdle(): void {
    for (const slab of this.#slabs) if (slab.lastQuery <= this.#idleSince) this.#giveUp(slab);
    this.#idleSince = this.#query;
  }

  #room(count: number): Slab {
    if (this.#filling !== undefined && this.#filling.used + count <= this.#filling.memory.length) {
      this.#filling.lastQuery = this.#query;
      return this.#filling;
    }
    const memory = new Float64Array(Math.max(count, SLAB_VALUES));
    const slab: Slab = { memory, used: 0, lastQuery: this.#query, columns: [] };
    this.#slabs.add(slab);
    this.#filling = slab;
    let bytes = 0;
    for (const { memory: each } of this.#slabs) bytes += each.byteLength;
    while (bytes > BUDGET_BYTES) {
      const oldest = this.#leastRecent();
      if (oldest === slab) break;
      bytes -= oldest.memory.byteLength;
      this.#giveUp(oldest);
    }
    return slab;
  }

  #leastRecent(): Slab {
    let least: Slab | undefined;
    for (const slab of this.#slabs) if (least === undefined || slab.lastQuery < least.lastQuery) least = slab;
    if (least === undefined) throw new Error('there is always the slab being filled');
    return least;
  }

  #giveUp(slab: Slab): void {
    for (const column of slab.columns) column.giveUp();
    this.#slabs.delete(slab);
    if (this.#filling === slab) this.#filling = undefined;
  }
}
