/** A stretch of time, milliseconds since the Unix epoch, both ends included. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Backfill this late after its newest frame counts as complete, milliseconds. */
const QUIET_MS = 2000;

/**
 * Follows the newest outage of one host, and what frames collected in it and sent later prove: that the host ran, and
 * only could not be heard.
 */
export class OutageProof {
  #fromMs = Number.POSITIVE_INFINITY;
  #toMs = Number.POSITIVE_INFINITY;
  #provenFromMs = Number.POSITIVE_INFINITY;
  #provenToMs = Number.NEGATIVE_INFINITY;
  #newestAtMs = 0;

  /** The host fell silent; `lastSeenMs` is the last that was heard of it. */
  begin(lastSeenMs: number): void {
    this.#fromMs = lastSeenMs;
    this.#toMs = Number.POSITIVE_INFINITY;
    this.#forget();
  }

  /** The host was heard again. */
  end(nowMs: number): void {
    this.#toMs = nowMs;
  }

  /** A backfilled frame became durable. */
  add(timestampMs: number, nowMs: number): void {
    if (timestampMs < this.#fromMs || timestampMs > this.#toMs) return;
    this.#provenFromMs = Math.min(this.#provenFromMs, timestampMs);
    this.#provenToMs = Math.max(this.#provenToMs, timestampMs);
    this.#newestAtMs = nowMs;
  }

  /** What is proven once backfill has gone quiet; each stretch is told once. */
  take(nowMs: number): Stretch | undefined {
    if (this.#provenToMs < this.#provenFromMs || nowMs - this.#newestAtMs < QUIET_MS) return undefined;
    const proven = { fromMs: this.#provenFromMs, toMs: this.#provenToMs };
    this.#forget();
    return proven;
  }

  #forget(): void {
    this.#provenFromMs = Number.POSITIVE_INFINITY;
    this.#provenToMs = Number.NEGATIVE_INFINITY;
  }
}
