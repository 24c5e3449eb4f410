import { addHistograms, coarsen, type Combined } from './combine.ts';
import { type Buckets, type FloatHistogram, NO_BUCKETS } from './float-histogram.ts';

/** What the sums of a histogram have lost to rounding so far. */
interface Rest {
  readonly count: number;
  readonly sum: number;
  readonly zeroCount: number;
  readonly positive: Buckets;
  readonly negative: Buckets;
}

const NO_REST: Rest = { count: 0, sum: 0, zeroCount: 0, positive: NO_BUCKETS, negative: NO_BUCKETS };

/** The rounding error of one addition, by Neumaier's method; none where the total is infinite. */
function lostBy(before: number, added: number, total: number): number {
  if (total === Infinity || total === -Infinity) return 0;
  return Math.abs(before) >= Math.abs(added) ? before - total + added : added - total + before;
}

/** Adds up histograms one after the other with compensation, noting hints on the way. */
export class HistogramAccumulator {
  #total: FloatHistogram;
  #rest = NO_REST;
  /** The mean is carried on, because the sum would leave the range of doubles. */
  #incremental = false;
  #count = 1;
  #reset = false;
  #notReset = false;
  boundsReconciled = false;

  constructor(first: FloatHistogram) {
    this.#total = first;
    this.#note(first);
  }

  /** Some said that the counter was reset, some that it was not. */
  get hintsCollide(): boolean {
    return this.#reset && this.#notReset;
  }

  #note({ counterResetHint }: FloatHistogram): void {
    if (counterResetHint === 'reset') this.#reset = true;
    if (counterResetHint === 'not_reset') this.#notReset = true;
  }

  /** Adds to the sum; false where the bucket kinds do not fit. */
  add(histogram: FloatHistogram): boolean {
    this.#note(histogram);
    this.#count++;
    const result = this.#plus(this.#total, this.#rest, histogram);
    if (!result) return false;
    ({ total: this.#total, rest: this.#rest } = result);
    return true;
  }

  /** Adds to the mean; false where the bucket kinds do not fit. */
  addToMean(histogram: FloatHistogram): boolean {
    if (!this.#incremental) {
      const result = this.#plus(this.#total, this.#rest, histogram);
      if (!result?.total.hasOverflow) return this.add(histogram);
      this.#incremental = true;
      this.#total = this.#total.divide(this.#count);
      this.#rest = scaleRest(this.#rest, 1 / this.#count);
    }
    this.#note(histogram);
    this.#count++;
    const weight = (this.#count - 1) / this.#count;
    const added = histogram.divide(this.#count);
    const result = this.#plus(this.#total.multiply(weight), scaleRest(this.#rest, weight), added);
    if (!result) return false;
    ({ total: this.#total, rest: this.#rest } = result);
    return true;
  }

  #plus(
    before: FloatHistogram,
    rest: Rest,
    added: FloatHistogram,
  ): { total: FloatHistogram; rest: Rest } | undefined {
    const combined: Combined | undefined = addHistograms(before, added);
    if (!combined) return undefined;
    if (combined.boundsReconciled) this.boundsReconciled = true;
    const total = combined.histogram;
    return { total, rest: nextRest(before, rest, added, total, combined.boundsReconciled) };
  }

  get sum(): FloatHistogram {
    return withRest(this.#total, this.#rest);
  }

  get mean(): FloatHistogram {
    if (this.#incremental) return this.sum;
    return withRest(this.#total.divide(this.#count), scaleRest(this.#rest, 1 / this.#count));
  }
}

function scaleRest(rest: Rest, factor: number): Rest {
  const side = ({ indexes, counts }: Buckets): Buckets => ({
    indexes,
    counts: counts.map((each) => each * factor),
  });
  return {
    count: rest.count * factor,
    sum: rest.sum * factor,
    zeroCount: rest.zeroCount * factor,
    positive: side(rest.positive),
    negative: side(rest.negative),
  };
}

function nextRest(
  before: FloatHistogram,
  rest: Rest,
  added: FloatHistogram,
  total: FloatHistogram,
  boundsChanged: boolean,
): Rest {
  const scalars = {
    count: lossOf(rest.count + lostBy(before.count, added.count, total.count), total.count),
    sum: lossOf(rest.sum + lostBy(before.sum, added.sum, total.sum), total.sum),
    zeroCount: lossOf(
      rest.zeroCount + lostBy(before.zeroCount, added.zeroCount, total.zeroCount),
      total.zeroCount,
    ),
  };
  // Other bounds or another zero bucket: what was lost cannot be told apart by bucket any more.
  if (
    boundsChanged ||
    total.zeroThreshold !== before.zeroThreshold ||
    total.zeroThreshold !== added.zeroThreshold
  ) {
    return { ...scalars, zeroCount: 0, positive: NO_BUCKETS, negative: NO_BUCKETS };
  }
  const side = (which: 'positive' | 'negative') =>
    sideRest(
      total[which],
      coarsen(before[which], before.schema, total.schema),
      coarsen(added[which], added.schema, total.schema),
      coarsen(rest[which], before.schema, total.schema),
    );
  return { ...scalars, positive: side('positive'), negative: side('negative') };
}

function sideRest(total: Buckets, before: Buckets, added: Buckets, rest: Buckets): Buckets {
  const counts = total.counts.map((count, at) => {
    const index = total.indexes[at] ?? 0;
    if (!Number.isFinite(count)) return 0;
    return countAt(rest, index) + lostBy(countAt(before, index), countAt(added, index), count);
  });
  return { indexes: total.indexes, counts };
}

function withRest(total: FloatHistogram, rest: Rest): FloatHistogram {
  return total.with({
    count: total.count + rest.count,
    sum: total.sum + rest.sum,
    zeroCount: total.zeroCount + rest.zeroCount,
    positive: plusRest(total.positive, rest.positive),
    negative: plusRest(total.negative, rest.negative),
  });
}

function plusRest({ indexes, counts }: Buckets, rest: Buckets): Buckets {
  if (rest.indexes.length === 0) return { indexes, counts };
  return { indexes, counts: counts.map((count, at) => count + countAt(rest, indexes[at] ?? 0)) };
}

function countAt({ indexes, counts }: Buckets, index: number): number {
  return counts[indexes.indexOf(index)] ?? 0;
}

/** What is lost of a total; nothing is of one that is not finite. */
function lossOf(lost: number, total: number): number {
  return Number.isFinite(total) ? lost : 0;
}
