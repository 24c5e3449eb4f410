import { setImmediate } from 'node:timers/promises';

/** What one piece of work may hold the event loop for, milliseconds: acknowledgements wait behind it. */
const SLICE_MS = 3;

/** Rests that were begun: one piece of work goes on in each turn of the event loop, however many there are. */
let lastRest: Promise<unknown> = Promise.resolve();

/** A long piece of work's share of the thread: it rests when its time is over, and everything that waits goes first. */
export class TimeSlice {
  #startMs = performance.now();

  get over(): boolean {
    return performance.now() - this.#startMs > SLICE_MS;
  }

  async rest(): Promise<void> {
    lastRest = lastRest.then(() => setImmediate());
    await lastRest;
    this.#startMs = performance.now();
  }
}
