/** Answers' values are cut from arrays of this many. */
const SLAB_VALUES = 64 * 1024;
/** Smaller answers get arrays of powers of two, from this on: what is smaller still costs nothing to make. */
const LEAST_POOLED = 1024;
/** Kept for the next query, of each size: of the largest, what a query over a thousand series for some hours takes. */
const MAX_KEPT = 4;
const MAX_KEPT_SLABS = 16;

/** Memory for the values of answers: given back, it spares the next query an allocation and the collector its work. */
export class ValuePool {
  /** By length. */
  readonly #kept = new Map<number, Float64Array<ArrayBuffer>[]>();

  /** Memory for at least `count` values, with anything in it; `before` is how many the answer has had already. */
  take(count: number, before: number): Float64Array<ArrayBuffer> {
    // Small answers get little: arrays grow with the answer.
    const wanted = Math.max(count, Math.min(SLAB_VALUES, before * 4));
    if (wanted < LEAST_POOLED || wanted > SLAB_VALUES) return new Float64Array(wanted);
    const length = 2 ** Math.ceil(Math.log2(wanted));
    return this.#kept.get(length)?.pop() ?? new Float64Array(length);
  }

  give(slabs: readonly Float64Array<ArrayBuffer>[]): void {
    for (const slab of slabs) {
      const { length } = slab;
      if (length < LEAST_POOLED || length > SLAB_VALUES) continue;
      const kept = this.#kept.get(length);
      if (kept === undefined) this.#kept.set(length, [slab]);
      else if (kept.length < (length === SLAB_VALUES ? MAX_KEPT_SLABS : MAX_KEPT)) kept.push(slab);
    }
  }
}
