/** A share of time that fills up steadily: spending may overdraw it once, and is refused until it has filled again. */
export class TimeBudget {
  readonly #msPerS: number;
  readonly #burstMs: number;
  #leftMs: number;
  #filledMs: number;

  constructor(msPerS: number, burstMs: number, nowMs: number) {
    this.#msPerS = msPerS;
    this.#burstMs = burstMs;
    this.#leftMs = burstMs;
    this.#filledMs = nowMs;
  }

  isSpent(nowMs: number): boolean {
    const earnedMs = ((nowMs - this.#filledMs) / 1000) * this.#msPerS;
    this.#leftMs = Math.min(this.#burstMs, this.#leftMs + earnedMs);
    this.#filledMs = nowMs;
    return this.#leftMs <= 0;
  }

  spend(ms: number): void {
    this.#leftMs -= ms;
  }
}
