import { LIMITS } from './limits.ts';

export const HOUR_MS = 3_600_000;

/** Utilisation of one hour, 0..1. */
export interface HourlyUse {
  /** Start of the hour, milliseconds since the Unix epoch. */
  readonly startMs: number;
  readonly mean: number;
  readonly max: number;
}

/** The last `LIMITS.historyHours` hours of one filesystem, as a ring by hour. */
export class FilesystemHistory {
  readonly #means = new Float32Array(LIMITS.historyHours).fill(Number.NaN);
  readonly #maxima = new Float32Array(LIMITS.historyHours).fill(Number.NaN);
  /** Numbers of hours since the epoch. */
  #first = Number.POSITIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;

  /** Sets an hour, again if need be. Hours older than the ring are ignored. */
  set({ startMs, mean, max }: HourlyUse): void {
    const hour = Math.floor(startMs / HOUR_MS);
    if (hour <= this.#last - LIMITS.historyHours) return;
    for (let cleared = Math.max(this.#last + 1, hour - LIMITS.historyHours + 1); cleared <= hour; cleared++) {
      this.#means[cleared % LIMITS.historyHours] = Number.NaN;
      this.#maxima[cleared % LIMITS.historyHours] = Number.NaN;
    }
    this.#last = Math.max(this.#last, hour);
    this.#first = Math.max(Math.min(this.#first, hour), this.#last - LIMITS.historyHours + 1);
    this.#means[hour % LIMITS.historyHours] = mean;
    this.#maxima[hour % LIMITS.historyHours] = max;
  }

  /** Start of the first hour, milliseconds since the Unix epoch; only meaningful when there is one. */
  get startMs(): number {
    return this.#first * HOUR_MS;
  }

  /** Hourly means from the first hour to the last, NaN where there is none. */
  means(): Float64Array {
    return this.#read(this.#means);
  }

  /** Hourly maxima, like `means`. */
  maxima(): Float64Array {
    return this.#read(this.#maxima);
  }

  #read(ring: Float32Array): Float64Array {
    const length = Math.max(0, this.#last - this.#first + 1);
    const values = new Float64Array(length);
    for (let i = 0; i < length; i++) values[i] = ring[(this.#first + i) % LIMITS.historyHours] ?? Number.NaN;
    return values;
  }
}
