/** Smaller blocks are left to the collector. */
const LEAST_POOLED = 2048;
/** Kept for the next evaluation, numbers: what a dashboard's query over a thousand series takes. */
const MAX_KEPT_NUMBERS = 1 << 20;

/**
 * Memory for the columns of one evaluation after the other. An answer is copied out of it, so that all of it serves
 * again: a query over many series and steps would otherwise leave megabytes to the collector each time.
 */
export class ColumnMemory {
  /** By the logarithm of their length. */
  readonly #kept: Float64Array[][] = [];
  #keptNumbers = 0;
  readonly #taken: Float64Array[] = [];

  /** Memory for `count` numbers, with anything in it. */
  take(count: number): Float64Array {
    if (count < LEAST_POOLED || count > MAX_KEPT_NUMBERS) return new Float64Array(count);
    const size = 32 - Math.clz32(count - 1);
    const block = this.#kept[size]?.pop();
    if (block !== undefined) this.#keptNumbers -= block.length;
    const memory = block ?? new Float64Array(2 ** size);
    this.#taken.push(memory);
    return memory;
  }

  /** Takes everything back. What was computed must not be looked at any more. */
  reset(): void {
    for (const memory of this.#taken) {
      if (this.#keptNumbers + memory.length > MAX_KEPT_NUMBERS) continue;
      this.#keptNumbers += memory.length;
      (this.#kept[Math.log2(memory.length)] ??= []).push(memory);
    }
    this.#taken.length = 0;
  }
}
