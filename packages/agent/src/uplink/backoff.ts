/**
 * Exponential backoff with full jitter: each wait is uniform between nothing and a span that doubles up to a cap, so
 * that a fleet that lost its collector does not come back in step.
 */
export class Backoff {
  readonly #firstMs: number;
  readonly #capMs: number;
  readonly #random: () => number;
  #attempts = 0;

  constructor(firstMs: number, capMs: number, random: () => number) {
    this.#firstMs = firstMs;
    this.#capMs = capMs;
    this.#random = random;
  }

  /** Milliseconds to wait before the next attempt. */
  next(): number {
    const span = Math.min(this.#capMs, this.#firstMs * 2 ** this.#attempts);
    if (span < this.#capMs) this.#attempts++;
    return span * this.#random();
  }

  reset(): void {
    this.#attempts = 0;
  }
}
