import { addHistograms, type Combined } from './combine.ts';
import type { FloatHistogram } from './float-histogram.ts';

/** What was noticed while histograms were added up. */
export interface AccumulationRemarks {
  hintsCollide: boolean;
  boundsReconciled: boolean;
}

/** Adds up histograms one after the other, noting hints on the way. */
export class HistogramAccumulator implements AccumulationRemarks {
  #total: FloatHistogram;
  #mean: FloatHistogram | undefined;
  #count = 1;
  #reset = false;
  #notReset = false;
  boundsReconciled = false;

  constructor(first: FloatHistogram) {
    this.#total = first;
    this.#note(first);
  }

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
    const sum = this.#take(addHistograms(this.#total, histogram));
    if (!sum) return false;
    this.#total = sum;
    return true;
  }

  /** Adds to the mean; false where the bucket kinds do not fit. */
  addToMean(histogram: FloatHistogram): boolean {
    this.#note(histogram);
    this.#count++;
    if (!this.#mean) {
      const sum = this.#take(addHistograms(this.#total, histogram));
      if (!sum) return false;
      if (!sum.hasOverflow) {
        this.#total = sum;
        return true;
      }
      // The sum would leave the range of doubles: carry on with the mean so far.
      this.#mean = this.#total.divide(this.#count - 1);
    }
    const weighted = this.#mean.multiply((this.#count - 1) / this.#count);
    const mean = this.#take(addHistograms(weighted, histogram.divide(this.#count)));
    if (!mean) return false;
    this.#mean = mean;
    return true;
  }

  #take(combined: Combined | undefined): FloatHistogram | undefined {
    if (combined?.boundsReconciled) this.boundsReconciled = true;
    return combined?.histogram;
  }

  get sum(): FloatHistogram {
    return this.#total;
  }

  get mean(): FloatHistogram {
    return this.#mean ?? this.#total.divide(this.#count);
  }
}
