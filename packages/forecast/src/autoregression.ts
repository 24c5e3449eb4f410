import { solvePositiveDefinite } from './solve-positive-definite.ts';

/** Relative weight that keeps coefficients of nearly equal lags small. */
const RIDGE = 1e-5;

/**
 * An autoregression on chosen lags, by least squares, optionally on the differences to one season ago. Its normal
 * equations grow with the series, so that fitting at many ascending origins costs one pass over it.
 */
export class Autoregression {
  readonly #series: Float64Array;
  readonly #lags: readonly number[];
  readonly #season: number;
  readonly #products: Float64Array;
  readonly #targets: Float64Array;
  #next: number;

  /**
   * @param series without gaps, of order one
   * @param season 0 for the series itself, else the distance of the differences
   */
  constructor(series: Float64Array, lags: readonly number[], season: number) {
    this.#series = season === 0 ? series : differences(series, season);
    this.#lags = lags;
    this.#season = season;
    const size = lags.length + 1;
    this.#products = new Float64Array(size * size);
    this.#targets = new Float64Array(size);
    this.#next = firstRow(lags, season);
  }

  /** Whether there are enough rows before `origin` for coefficients that mean something. */
  static canFit(lags: readonly number[], season: number, origin: number): boolean {
    return origin - firstRow(lags, season) >= 4 * (lags.length + 1);
  }

  /** Fits on everything before `origin` and forecasts from there; origins must not descend. */
  forecast(origin: number, original: Float64Array, horizon: number): Float64Array {
    this.#addRows(origin);
    const coefficients = this.#solve();
    const lags = this.#lags;
    const longest = lags.at(-1) ?? 1;
    // A window of the newest values with the forecast growing at its end.
    const path = new Float64Array(longest + horizon);
    path.set(this.#series.subarray(origin - longest, origin));
    for (let h = 0; h < horizon; h++) {
      let value = coefficients[0] ?? 0;
      for (let j = 0; j < lags.length; j++)
        value += (coefficients[j + 1] ?? 0) * (path[longest + h - (lags[j] ?? 1)] ?? 0);
      path[longest + h] = value;
    }
    const forecast = path.subarray(longest);
    const season = this.#season;
    if (season > 0)
      for (let h = 0; h < horizon; h++)
        forecast[h] =
          (forecast[h] ?? 0) + ((h < season ? original[origin + h - season] : forecast[h - season]) ?? 0);
    return forecast;
  }

  #addRows(origin: number): void {
    const series = this.#series;
    const lags = this.#lags;
    const size = lags.length + 1;
    const products = this.#products;
    const targets = this.#targets;
    const row = new Float64Array(size);
    row[0] = 1;
    for (; this.#next < origin; this.#next++) {
      for (let j = 1; j < size; j++) row[j] = series[this.#next - (lags[j - 1] ?? 1)] ?? 0;
      const target = series[this.#next] ?? 0;
      for (let i = 0; i < size; i++) {
        const value = row[i] ?? 0;
        targets[i] = (targets[i] ?? 0) + value * target;
        const start = i * size;
        for (let j = 0; j <= i; j++) products[start + j] = (products[start + j] ?? 0) + value * (row[j] ?? 0);
      }
    }
  }

  #solve(): Float64Array {
    const size = this.#targets.length;
    const matrix = this.#products.slice();
    for (let i = 1; i < size; i++) {
      const at = i * size + i;
      matrix[at] = (matrix[at] ?? 0) * (1 + RIDGE);
    }
    return solvePositiveDefinite(matrix, this.#targets);
  }
}

function firstRow(lags: readonly number[], season: number): number {
  return (lags.at(-1) ?? 1) + season;
}

function differences(series: Float64Array, season: number): Float64Array {
  const result = new Float64Array(series.length);
  for (let i = season; i < series.length; i++) result[i] = (series[i] ?? 0) - (series[i - season] ?? 0);
  return result;
}
