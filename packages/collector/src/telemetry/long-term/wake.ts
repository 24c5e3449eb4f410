import { setTimeout as delay } from 'node:timers/promises';

/** How a loop sleeps until there is something to do, and how others wait for it to come round. */
export class Wake {
  #rung = false;
  #ring: () => void = () => undefined;
  #waiting: (() => void)[] = [];

  /** Ends the present wait, or the next one at once. */
  ring(): void {
    this.#rung = true;
    this.#ring();
  }

  /** Resolves when rung, or after so many milliseconds. */
  async wait(atMostMs: number | null): Promise<void> {
    if (!this.#rung) {
      const rung = Promise.withResolvers<void>();
      const timer = atMostMs === null ? undefined : setTimeout(rung.resolve, atMostMs);
      this.#ring = rung.resolve;
      await rung.promise;
      clearTimeout(timer);
      this.#ring = () => undefined;
    }
    this.#rung = false;
  }

  /** Resolves after so many milliseconds whether rung or not, early when the signal says so. */
  async pause(ms: number, signal: AbortSignal): Promise<void> {
    await delay(ms, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  /** Resolves at the end of the loop's present round. */
  nextRound(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    return promise;
  }

  endRound(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
