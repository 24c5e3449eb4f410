import type { Buckets } from './buckets.ts';

/** Gathers what one row says, from samples or from smaller rows, in the order of time. */
export class RowBuilder {
  #count = 0;
  #sum = 0;
  #compensation = 0;
  #min = Number.NaN;
  #max = Number.NaN;
  #first = 0;
  #firstMs = 0;
  #last = 0;
  #lastMs = 0;
  #resets = 0;
  #dropped = 0;
  #staleMs = 0;

  get count(): number {
    return this.#count;
  }

  get min(): number {
    return this.#min;
  }

  get max(): number {
    return this.#max;
  }

  begin(): void {
    this.#count = 0;
    this.#sum = 0;
    this.#compensation = 0;
    this.#min = Number.NaN;
    this.#max = Number.NaN;
    this.#resets = 0;
    this.#dropped = 0;
    this.#staleMs = 0;
  }

  sample(timeMs: number, value: number): void {
    this.#edge(timeMs, value);
    this.#count++;
    this.#add(value);
    this.#widen(value, value);
    this.#last = value;
    this.#lastMs = timeMs;
    this.#staleMs = 0;
  }

  stale(timeMs: number): void {
    this.#staleMs = timeMs;
  }

  row(fine: Buckets, i: number): void {
    const of = (column: Float64Array): number => column[i] ?? 0;
    if (of(fine.counts) > 0) {
      this.#edge(of(fine.firstTimes), of(fine.firsts));
      this.#count += of(fine.counts);
      this.#add(of(fine.sums));
      this.#widen(of(fine.mins), of(fine.maxes));
      this.#resets += of(fine.resets);
      this.#dropped += of(fine.dropped);
      this.#last = of(fine.lasts);
      this.#lastMs = of(fine.lastTimes);
    }
    this.#staleMs = of(fine.staleTimes);
  }

  /** Adds the row; its bins follow. Answers whether there is one: nothing leaves nothing. */
  finish(out: Buckets, end: number): boolean {
    if (this.#count === 0 && this.#staleMs === 0) return false;
    const row = out.add(end);
    out.staleTimes[row] = this.#staleMs;
    if (this.#count === 0) return true;
    out.counts[row] = this.#count;
    // An infinite sum has no compensation.
    out.sums[row] = Number.isFinite(this.#compensation) ? this.#sum + this.#compensation : this.#sum;
    out.mins[row] = this.#min;
    out.maxes[row] = this.#max;
    out.firsts[row] = this.#first;
    out.firstTimes[row] = this.#firstMs;
    out.lasts[row] = this.#last;
    out.lastTimes[row] = this.#lastMs;
    out.resets[row] = this.#resets;
    out.dropped[row] = this.#dropped;
    return true;
  }

  /** The step from what was before to the next value. */
  #edge(timeMs: number, value: number): void {
    if (this.#count === 0) {
      this.#first = value;
      this.#firstMs = timeMs;
    } else if (value < this.#last) {
      this.#resets++;
      this.#dropped += this.#last;
    }
  }

  /** Neumaier's compensated sum. */
  #add(value: number): void {
    const sum = this.#sum;
    const total = sum + value;
    this.#compensation += Math.abs(sum) >= Math.abs(value) ? sum - total + value : value - total + sum;
    this.#sum = total;
  }

  /** NaN is neither least nor greatest, unless there is nothing else. */
  #widen(low: number, high: number): void {
    if (low < this.#min || this.#min !== this.#min) this.#min = low;
    if (high > this.#max || this.#max !== this.#max) this.#max = high;
  }
}
