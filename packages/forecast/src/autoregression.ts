import { solvePositiveDefinite } from './solve-positive-definite.ts';

/** Relative weight that keeps coefficients of nearly equal lags small. */
const RIDGE = 1e-5;

/**
 * An autoregression on chosen lags, by least squares, optionally on the differences to one season ago. Its normal
 * equations grow with the series, so that fitting at many ascending origins costs one pass over it.
 */
export class Autoregression {
  readonly #series: Float64Array;
  readonly #lags: Int32Array;
  readonly #season: number;
  readonly #products: Float64Array;
  readonly #targets: Float64Array;
  readonly #matrix: Float64Array;
  readonly #vector: Float64Array;
  #path = new Float64Array();
  #next: number;

  /**
   * @param series without gaps, of order one
   * @param season 0 for the series itself, else the distance of the differences
   */
  constructor(series: Float64Array, lags: readonly number[], season: number) {
    this.#series = season === 0 ? series : differences(series, season);
    this.#lags = Int32Array.from(lags);
    this.#season = season;
    const size = lags.length + 1;
    this.#products = new Float64Array(size * size);
    this.#targets = new Float64Array(size);
    this.#matrix = new Float64Array(size * size);
    this.#vector = new Float64Array(size);
    this.#next = firstRow(lags, season);
  }

  /** Whether there are enough rows before `origin` for coefficients that mean something. */
  static canFit(lags: readonly number[], season: number, origin: number): boolean {
    return origin - firstRow(lags, season) >= 4 * (lags.length + 1);
  }

  /** Fits on everything before `origin` and fills `forecast` with what comes after; origins must not descend. */
  forecast(origin: number, original: Float64Array, forecast: Float64Array): void {
    this.#addRows(origin);
    const season = this.#season;
    forecast.set(this.#continue(origin, forecast.length));
    if (season === 0) return;
    for (let h = 0; h < forecast.length; h++) {
      const seasonAgo = h < season ? original[origin + h - season] : forecast[h - season];
      forecast[h] = (forecast[h] ?? 0) + (seasonAgo ?? 0);
    }
  }

  /** A view of the next values of the series the model is fitted to; the next call overwrites it. */
  #continue(origin: number, horizon: number): Float64Array {
    const coefficients = this.#solve();
    const lags = this.#lags;
    const longest = lags.at(-1) ?? 1;
    // A window of the newest values with the forecast growing at its end.
    if (this.#path.length < longest + horizon) this.#path = new Float64Array(longest + horizon);
    const path = this.#path;
    path.set(this.#series.subarray(origin - longest, origin));
    for (let at = longest; at < longest + horizon; at++) {
      let value = coefficients[0] ?? 0;
      for (let j = 0; j < lags.length; j++)
        value += (coefficients[j + 1] ?? 0) * (path[at - (lags[j] ?? 1)] ?? 0);
      path[at] = value;
    }
    return path.subarray(longest, longest + horizon);
  }

  /** Column by column: a product of two columns stays in a register while it is summed. */
  #addRows(origin: number): void {
    const lags = this.#lags;
    const size = lags.length + 1;
    const from = this.#next;
    if (origin <= from) return;
    this.#next = origin;
    add(this.#products, 0, origin - from);
    add(this.#targets, 0, this.#sum(0, from, origin));
    for (let i = 1; i < size; i++) {
      const lag = lags[i - 1] ?? 1;
      add(this.#products, i * size, this.#sum(lag, from, origin));
      add(this.#targets, i, this.#product(lag, 0, from, origin));
      for (let j = 1; j <= i; j++)
        add(this.#products, i * size + j, this.#product(lag, lags[j - 1] ?? 1, from, origin));
    }
  }

  #sum(lag: number, from: number, to: number): number {
    const series = this.#series;
    let sum = 0;
    for (let t = from - lag; t < to - lag; t++) sum += series[t] ?? 0;
    return sum;
  }

  #product(lag: number, other: number, from: number, to: number): number {
    const series = this.#series;
    const shift = lag - other;
    let sum = 0;
    for (let t = from - lag; t < to - lag; t++) sum += (series[t] ?? 0) * (series[t + shift] ?? 0);
    return sum;
  }

  #solve(): Float64Array {
    const size = this.#targets.length;
    const matrix = this.#matrix;
    matrix.set(this.#products);
    this.#vector.set(this.#targets);
    for (let i = 1; i < size; i++) {
      const at = i * size + i;
      matrix[at] = (matrix[at] ?? 0) * (1 + RIDGE);
    }
    return solvePositiveDefinite(matrix, this.#vector);
  }
}

function add(array: Float64Array, at: number, value: number): void {
  array[at] = (array[at] ?? 0) + value;
}

function firstRow(lags: readonly number[], season: number): number {
  return (lags.at(-1) ?? 1) + season;
}

function differences(series: Float64Array, season: number): Float64Array {
  const result = new Float64Array(series.length);
  for (let i = season; i < series.length; i++) result[i] = (series[i] ?? 0) - (series[i - season] ?? 0);
  return result;
}
