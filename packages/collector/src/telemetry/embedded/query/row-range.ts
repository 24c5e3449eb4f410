import { lowerBound } from './lower-bound.ts';

/** Rows [from, to). */
export interface Rows {
  readonly from: number;
  readonly to: number;
}

/** Finds the rows of ascending times within [startMs, endMs]: once for all columns that share their times. */
export class RowRange {
  readonly startMs: number;
  readonly endMs: number;
  readonly #known = new Map<Float64Array, Rows>();

  constructor(startMs: number, endMs: number) {
    this.startMs = startMs;
    this.endMs = endMs;
  }

  /** `times` must not change any more. */
  locate(times: Float64Array): Rows {
    let rows = this.#known.get(times);
    if (rows === undefined) this.#known.set(times, (rows = this.search(times, times.length)));
    return rows;
  }

  /** Among the first `count` times. */
  search(times: Float64Array, count: number): Rows {
    // Most windows lie within the range as a whole.
    const from = (times[0] ?? 0) >= this.startMs ? 0 : lowerBound(times, this.startMs, count);
    const all = count > 0 && (times[count - 1] ?? 0) <= this.endMs;
    return { from, to: all ? count : lowerBound(times, this.endMs + 1, count) };
  }
}
