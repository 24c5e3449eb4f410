import type { SeriesRef } from '../../store.ts';
import { findRef, type LooseBlock } from '../head/encoded-blocks.ts';
import type { FrameBlock } from '../head/frame-block.ts';
import type { FrameSet } from '../head/frame-set.ts';
import type { Head } from '../head/head.ts';
import { type Columns, type Gatherer, joinTimes, withoutGaps } from './gather.ts';
import { lowerBound } from './lower-bound.ts';
import { readSlot } from './run.ts';

/** The rows of a set's open blocks within the times asked for, the same for all its series. */
interface Rows {
  readonly parts: readonly Part[];
  readonly timestamps: Float64Array;
}

interface Part {
  readonly block: FrameBlock;
  readonly timestamps: Float64Array;
  readonly from: number;
  readonly to: number;
}

/**
 * Reads series whose samples all lie in the open blocks of one frame set, as those of rules over the last minutes do:
 * where the rows are is worked out once for the set, and a series is then a strided copy.
 */
export class OpenRows {
  readonly #head: Head;
  readonly #loose: readonly LooseBlock[];
  readonly #startMs: number;
  readonly #endMs: number;
  readonly #gatherer: Gatherer;
  readonly #known = new Map<FrameSet, Rows | null>();

  constructor(head: Head, loose: readonly LooseBlock[], startMs: number, endMs: number, gatherer: Gatherer) {
    this.#head = head;
    this.#loose = loose.filter(({ oldestMs, newestMs }) => oldestMs <= endMs && newestMs >= startMs);
    this.#startMs = startMs;
    this.#endMs = endMs;
    this.#gatherer = gatherer;
  }

  /** The series' samples, null for none; undefined where they have to be looked for elsewhere too. */
  read(ref: SeriesRef): Columns | null | undefined {
    const sets = this.#head.setsOf(ref);
    const [set] = sets;
    if (set === undefined || sets.length > 1 || (this.#head.loose(ref)?.count ?? 0) > 0) return undefined;
    for (const { refs } of this.#loose) if (findRef(refs, ref) >= 0) return undefined;
    let rows = this.#known.get(set);
    if (rows === undefined) this.#known.set(set, (rows = this.#rowsOf(set)));
    if (rows === null) return undefined;
    return rows.parts.length === 0 ? null : this.#readSlot(rows, set.slotOf(ref));
  }

  #readSlot({ parts, timestamps }: Rows, slot: number): Columns | null {
    const values = this.#gatherer.take(timestamps.length);
    let at = 0;
    let gaps = false;
    for (const { block, from, to } of parts) {
      if (readSlot(block, slot, from, to, values, at)) gaps = true;
      at += to - from;
    }
    return gaps ? withoutGaps(timestamps, values) : { timestamps, values };
  }

  /** Null where rows overlap, are out of order, or are sealed in part. */
  #rowsOf(set: FrameSet): Rows | null {
    for (const { timestamps } of set.encoded) {
      if ((timestamps[0] ?? 0) <= this.#endMs && (timestamps[timestamps.length - 1] ?? 0) >= this.#startMs)
        return null;
    }
    const parts: Part[] = [];
    let count = 0;
    let newest = -Infinity;
    for (const block of set.blocks) {
      const { timestamps } = block;
      if (!block.inOrder) return null;
      const from = lowerBound(timestamps, this.#startMs, block.rows);
      const to = lowerBound(timestamps, this.#endMs + 1, block.rows);
      if (from >= to) continue;
      if ((timestamps[from] ?? 0) <= newest) return null;
      newest = timestamps[to - 1] ?? 0;
      count += to - from;
      parts.push({ block, timestamps, from, to });
    }
    return { parts, timestamps: joinTimes(parts, count) };
  }
}
