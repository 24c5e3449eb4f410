import { setTimeout as delay } from 'node:timers/promises';

/** Timers are no finer than this, milliseconds. */
const SHORTEST_REST_MS = 5;

/** Keeps work on bytes at a rate. Time in which nothing was asked for is not made up for. */
export class Pace {
  readonly #bytesPerMs: number;
  readonly #signal: AbortSignal;
  #dueMs = 0;

  constructor(bytesPerSecond: number, signal: AbortSignal) {
    this.#bytesPerMs = bytesPerSecond / 1000;
    this.#signal = signal;
  }

  /** Takes note of bytes, and waits until they may have been read. @throws where the signal is aborted. */
  async take(bytes: number): Promise<void> {
    this.#signal.throwIfAborted();
    const nowMs = performance.now();
    this.#dueMs = Math.max(this.#dueMs, nowMs) + bytes / this.#bytesPerMs;
    if (this.#dueMs - nowMs >= SHORTEST_REST_MS) await this.pause(this.#dueMs - nowMs);
  }

  async pause(durationMs: number): Promise<void> {
    await delay(durationMs, undefined, { signal: this.#signal });
  }
}
