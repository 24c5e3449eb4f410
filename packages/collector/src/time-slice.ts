import { setImmediate } from 'node:timers/promises';

/** What one piece of work may hold the event loop for, milliseconds: acknowledgements wait behind it. */
const SLICE_MS = 3;

/** A long piece of work's share of the thread: it rests when its time is over, and everything that waits goes first. */
export class TimeSlice {
  #startMs = performance.now();

  get over(): boolean {
    return performance.now() - this.#startMs > SLICE_MS;
  }

  async rest(): Promise<void> {
    await setImmediate();
    this.#startMs = performance.now();
  }
}
