import type { Labels } from '@plimsoll/promql';
import type { SeriesRef } from '../../store.ts';

/** Label sets kept since they were last asked for, at least; twice as many at most. */
const KEPT = 16_384;

/** Label sets of series that queries come back for, with what they hold ready: two generations of them. */
export class RecentLabels {
  #young = new Map<SeriesRef, Labels>();
  #old = new Map<SeriesRef, Labels>();

  get(ref: SeriesRef): Labels | undefined {
    const young = this.#young.get(ref);
    if (young !== undefined) return young;
    const old = this.#old.get(ref);
    if (old !== undefined) this.set(ref, old);
    return old;
  }

  set(ref: SeriesRef, labels: Labels): void {
    if (this.#young.size >= KEPT) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(ref, labels);
  }
}
