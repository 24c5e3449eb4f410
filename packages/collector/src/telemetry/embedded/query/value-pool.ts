/** Answers' values are cut from arrays of this many. */
const SLAB_VALUES = 64 * 1024;
/** Kept for the next query: what a query over a thousand series for some hours takes. */
const MAX_KEPT = 16;

/** Memory for the values of answers: given back, it spares the next query an allocation and the collector its work. */
export class ValuePool {
  readonly #kept: Float64Array<ArrayBuffer>[] = [];

  /** Memory for at least `count` values, with anything in it; `before` is how many the answer has had already. */
  take(count: number, before: number): Float64Array<ArrayBuffer> {
    // Small answers get little: arrays grow with the answer.
    const wanted = Math.max(count, Math.min(SLAB_VALUES, before * 4));
    if (wanted !== SLAB_VALUES) return new Float64Array(wanted);
    return this.#kept.pop() ?? new Float64Array(SLAB_VALUES);
  }

  give(slabs: readonly Float64Array<ArrayBuffer>[]): void {
    for (const slab of slabs) {
      if (slab.length === SLAB_VALUES && this.#kept.length < MAX_KEPT) this.#kept.push(slab);
    }
  }
}
