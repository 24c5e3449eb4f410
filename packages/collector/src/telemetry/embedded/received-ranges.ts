import type { SequenceRange } from '../store.ts';

/** Epochs remembered for one agent: one a start of the agent, so years; older ones hold no frame that is still kept. */
const MAX_EPOCHS = 1024;

/** Which sequences of one agent are here, as sorted ranges for each epoch: backfill arrives in any order. */
export class ReceivedRanges {
  /** First and last alternating, ascending and never adjacent. */
  readonly #epochs = new Map<number, number[]>();

  has(epoch: number, sequence: number): boolean {
    const bounds = this.#epochs.get(epoch);
    if (bounds === undefined) return false;
    const at = lowerBound(bounds, sequence);
    return at < bounds.length && (bounds[at] ?? Infinity) <= sequence;
  }

  add(epoch: number, first: number, last: number): void {
    const bounds = this.#epochs.get(epoch);
    if (bounds === undefined) {
      this.#epochs.set(epoch, [first, last]);
      this.#forgetOldest();
      return;
    }
    const newest = bounds.length - 1;
    if (first === (bounds[newest] ?? 0) + 1) bounds[newest] = last;
    else this.#insert(bounds, first, last);
  }

  remove(epoch: number, first: number, last: number): void {
    const bounds = this.#epochs.get(epoch);
    if (bounds === undefined) return;
    const kept: number[] = [];
    for (let i = 0; i < bounds.length; i += 2) {
      const from = bounds[i] ?? 0;
      const to = bounds[i + 1] ?? 0;
      if (from < first) kept.push(from, Math.min(to, first - 1));
      if (to > last) kept.push(Math.max(from, last + 1), to);
    }
    if (kept.length === 0) this.#epochs.delete(epoch);
    else this.#epochs.set(epoch, kept);
  }

  ranges(): SequenceRange[] {
    const all: SequenceRange[] = [];
    for (const [epoch, bounds] of this.#epochs) {
      for (let i = 0; i < bounds.length; i += 2) {
        all.push({ epoch, first: bounds[i] ?? 0, last: bounds[i + 1] ?? 0 });
      }
    }
    return all.sort((a, b) => a.epoch - b.epoch || a.first - b.first);
  }

  #insert(bounds: number[], first: number, last: number): void {
    const merged: number[] = [];
    let from = first;
    let to = last;
    let placed = false;
    for (let i = 0; i < bounds.length; i += 2) {
      const lo = bounds[i] ?? 0;
      const hi = bounds[i + 1] ?? 0;
      if (hi + 1 < from) merged.push(lo, hi);
      else if (lo > to + 1) {
        if (!placed) merged.push(from, to);
        placed = true;
        merged.push(lo, hi);
      } else {
        from = Math.min(from, lo);
        to = Math.max(to, hi);
      }
    }
    if (!placed) merged.push(from, to);
    bounds.splice(0, bounds.length, ...merged);
  }

  #forgetOldest(): void {
    if (this.#epochs.size > MAX_EPOCHS) this.#epochs.delete(Math.min(...this.#epochs.keys()));
  }
}

/** Index of the first bound of the first range whose last is at least `sequence`; always even. */
function lowerBound(bounds: readonly number[], sequence: number): number {
  let low = 0;
  let high = bounds.length / 2;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((bounds[middle * 2 + 1] ?? 0) < sequence) low = middle + 1;
    else high = middle;
  }
  return low * 2;
}
