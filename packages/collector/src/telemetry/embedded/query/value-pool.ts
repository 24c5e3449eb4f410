/** Answers' values are cut from arrays of this many. */
const SLAB_VALUES = 64 * 1024;
/** Smaller answers get arrays of powers of two, from this on: what is smaller still costs nothing to make. */
const LEAST_POOLED = 1024;
/** Kept for the next query, of each of the smaller sizes. */
const MAX_KEPT = 4;
/** Of the largest: 24 MiB, what a query over three million samples takes. */
const MAX_KEPT_SLABS = 48;
/** What no query has needed for so long is given up. */
const IDLE_INTERVAL_MS = 60_000;

/** Memory of one size. */
interface Shelf {
  readonly kept: Float64Array<ArrayBuffer>[];
  /** How few there were since the last look: so many were never needed. */
  fewest: number;
}

/**
 * Memory for the values of answers: given back, it spares the next query an allocation. Not the allocation is what
 * costs, but that the garbage collector starts after so many bytes of arrays, whatever becomes of them.
 */
export class ValuePool implements Disposable {
  /** By length. */
  readonly #shelves = new Map<number, Shelf>();
  readonly #timer = setInterval(() => this.#giveUpIdle(), IDLE_INTERVAL_MS).unref();

  /** Memory for at least `count` values, with anything in it; `before` is how many the answer has had already. */
  take(count: number, before: number): Float64Array<ArrayBuffer> {
    // Small answers get little: arrays grow with the answer.
    const wanted = Math.max(count, Math.min(SLAB_VALUES, before * 4));
    if (wanted < LEAST_POOLED || wanted > SLAB_VALUES) return new Float64Array(wanted);
    const length = 2 ** Math.ceil(Math.log2(wanted));
    const shelf = this.#shelves.get(length);
    const kept = shelf?.kept.pop();
    if (shelf === undefined || kept === undefined) return new Float64Array(length);
    shelf.fewest = Math.min(shelf.fewest, shelf.kept.length);
    return kept;
  }

  give(slabs: readonly Float64Array<ArrayBuffer>[]): void {
    for (const slab of slabs) {
      const { length } = slab;
      if (length < LEAST_POOLED || length > SLAB_VALUES) continue;
      const shelf = this.#shelves.get(length);
      if (shelf === undefined) this.#shelves.set(length, { kept: [slab], fewest: 0 });
      else if (shelf.kept.length < (length === SLAB_VALUES ? MAX_KEPT_SLABS : MAX_KEPT))
        shelf.kept.push(slab);
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #giveUpIdle(): void {
    for (const shelf of this.#shelves.values()) {
      shelf.kept.length -= shelf.fewest;
      shelf.fewest = shelf.kept.length;
    }
  }
}
