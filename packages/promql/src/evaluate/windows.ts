import type { Grid } from './grid.ts';

/** For each step the half-open range of sample indexes inside its window. */
export interface Windows {
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** The samples in all windows together. */
  readonly total: number;
}

/** The first index whose time is greater than `time`, at or after `low`. */
export function firstAfter(times: Float64Array, time: number, low = 0): number {
  let from = low;
  let to = times.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((times[middle] ?? 0) <= time) from = middle + 1;
    else to = middle;
  }
  return from;
}

/**
 * Finds, for each step, which samples lie in the window (end - length, end]. `endOf` gives the window's end at a step;
 * it must not decrease. The answers are kept by the identity of the times, so that series sampled together are
 * searched once.
 */
export class WindowFinder {
  readonly #grid: Grid;
  readonly #firstEndMs: number;
  readonly #stepMs: number;
  readonly #lengthMs: number;
  readonly #known = new Map<Float64Array, Windows>();

  /** `stepMs` is how far the window moves from step to step: 0 where it is fixed. */
  constructor(grid: Grid, firstEndMs: number, stepMs: number, lengthMs: number) {
    this.#grid = grid;
    this.#firstEndMs = firstEndMs;
    this.#stepMs = stepMs;
    this.#lengthMs = lengthMs;
  }

  find(times: Float64Array): Windows {
    let windows = this.#known.get(times);
    if (!windows) {
      windows = this.#search(times);
      this.#known.set(times, windows);
    }
    return windows;
  }

  #search(times: Float64Array): Windows {
    const { count } = this.#grid;
    const from = new Int32Array(count);
    const to = new Int32Array(count);
    const { length } = times;
    let low = firstAfter(times, this.#firstEndMs - this.#lengthMs);
    let high = firstAfter(times, this.#firstEndMs, low);
    let total = 0;
    for (let step = 0; step < count; step++) {
      const end = this.#firstEndMs + step * this.#stepMs;
      const start = end - this.#lengthMs;
      while (low < length && (times[low] ?? 0) <= start) low++;
      while (high < length && (times[high] ?? 0) <= end) high++;
      from[step] = low;
      to[step] = high;
      total += high - low;
    }
    return { from, to, total };
  }
}
