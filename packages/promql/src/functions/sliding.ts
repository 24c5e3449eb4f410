import type { Windows } from '../evaluate/windows.ts';

/**
 * The extreme value of each window, NaN losing to all others. Windows only move on, so the candidates that can still
 * become the extreme are kept in order, and each sample is looked at once. `sign` is 1 for the greatest.
 */
export function slidingExtremes(
  values: Float64Array,
  windows: Windows,
  sign: 1 | -1,
  out: Float64Array,
): void {
  const candidates = new Candidates(values, sign);
  for (let step = 0; step < out.length; step++) {
    const from = windows.from[step] ?? 0;
    const to = windows.to[step] ?? 0;
    if (from !== to) out[step] = candidates.extremeOf(from, to);
  }
}

/** The samples that may still become the extreme of a window, from the present extreme on. */
class Candidates {
  readonly #values: Float64Array;
  readonly #sign: 1 | -1;
  readonly #indexes: Int32Array;
  #head = 0;
  #tail = 0;
  #next = 0;

  constructor(values: Float64Array, sign: 1 | -1) {
    this.#values = values;
    this.#sign = sign;
    this.#indexes = roomFor(values.length).indexes;
  }

  extremeOf(from: number, to: number): number {
    if (this.#next < from) this.#next = from;
    for (; this.#next < to; this.#next++) this.#take(this.#next);
    while (this.#head < this.#tail && (this.#indexes[this.#head] ?? 0) < from) this.#head++;
    return this.#head < this.#tail ? (this.#values[this.#indexes[this.#head] ?? 0] ?? 0) : Number.NaN;
  }

  #take(index: number): void {
    const value = (this.#values[index] ?? 0) * this.#sign;
    // A NaN never is the extreme where there is anything else.
    if (value !== value) return;
    while (this.#tail > this.#head && this.#last() < value) this.#tail--;
    this.#indexes[this.#tail++] = index;
  }

  #last(): number {
    return (this.#values[this.#indexes[this.#tail - 1] ?? 0] ?? 0) * this.#sign;
  }
}

/**
 * The compensated sum of each window. A window is the end of one run of samples, whose sums from each sample on are
 * known, and the beginning of the next, whose sum grows; when the first run is used up, the second takes its place. So
 * each sample is added twice, whatever the windows' length, and nothing is ever subtracted.
 */
export class SlidingSum {
  /** The sum of the window asked for last. */
  sum = 0;
  /** What rounding has lost of it. */
  rest = 0;
  readonly #values: Float64Array;
  readonly #suffixSum: Float64Array;
  readonly #suffixRest: Float64Array;
  #middle = 0;
  #end = 0;
  #prefixSum = 0;
  #prefixRest = 0;

  constructor(values: Float64Array) {
    this.#values = values;
    const { sums, rests } = roomFor(values.length + 1);
    this.#suffixSum = sums;
    this.#suffixRest = rests;
  }

  /** Moves on to the window of samples from..to; neither bound may go back. */
  moveTo(from: number, to: number): void {
    if (from >= this.#middle) this.#rebuild(from, to);
    for (; this.#end < to; this.#end++) this.#extend(this.#values[this.#end] ?? 0);
    const left = this.#suffixSum[from] ?? 0;
    const right = this.#prefixSum;
    const total = left + right;
    this.sum = total;
    this.rest =
      (this.#suffixRest[from] ?? 0) +
      this.#prefixRest +
      (Math.abs(left) >= Math.abs(right) ? left - total + right : right - total + left);
  }

  #extend(value: number): void {
    const before = this.#prefixSum;
    const total = before + value;
    this.#prefixRest += Math.abs(before) >= Math.abs(value) ? before - total + value : value - total + before;
    this.#prefixSum = total;
  }

  #rebuild(from: number, to: number): void {
    let sum = 0;
    let rest = 0;
    this.#suffixSum[to] = 0;
    this.#suffixRest[to] = 0;
    for (let i = to - 1; i >= from; i--) {
      const value = this.#values[i] ?? 0;
      const total = sum + value;
      rest += Math.abs(sum) >= Math.abs(value) ? sum - total + value : value - total + sum;
      sum = total;
      this.#suffixSum[i] = sum;
      this.#suffixRest[i] = rest;
    }
    this.#middle = Math.max(to, from);
    this.#end = this.#middle;
    this.#prefixSum = 0;
    this.#prefixRest = 0;
  }
}

/** Whether windows overlap so much that sliding pays. */
export function overlapsMuch({ from, to, total }: Windows): boolean {
  const steps = from.length;
  return steps > 2 && total > 3 * ((to[steps - 1] ?? 0) - (from[0] ?? 0));
}

/**
 * Room for the intermediate results of one series at a time. Evaluation does not pause within a series, so all can
 * share it; it only ever grows to the longest series seen.
 */
let room = { sums: new Float64Array(0), rests: new Float64Array(0), indexes: new Int32Array(0) };

function roomFor(length: number): typeof room {
  if (room.sums.length < length) {
    room = {
      sums: new Float64Array(length),
      rests: new Float64Array(length),
      indexes: new Int32Array(length),
    };
  }
  return room;
}
