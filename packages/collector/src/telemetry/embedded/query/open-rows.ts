import type { SeriesRef } from '../../store.ts';
import { findRef, type LooseBlock } from '../head/encoded-blocks.ts';
import type { FrameBlock } from '../head/frame-block.ts';
import type { FrameSet } from '../head/frame-set.ts';
import type { Head } from '../head/head.ts';
import type { Columns, Gatherer } from './gather.ts';
import { joinTimes } from './gather.ts';
import { lowerBound } from './lower-bound.ts';
import { BlockRun } from './run.ts';

/** The rows of a set's open blocks within the times asked for, the same for all its series. */
interface Rows {
  readonly parts: readonly { readonly block: FrameBlock; readonly from: number; readonly to: number }[];
  readonly timestamps: Float64Array;
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

  constructor(
    head: Head,
    loose: readonly LooseBlock[],
    startMs: number,
    endMs: number,
    gatherer: Gatherer,
  ) {
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
    return rows.parts.length === 0 ? null : this.#gatherer.gatherSlot(rows, set.slotOf(ref));
  }

  /** Null where rows overlap, are out of order, or are sealed in part. */
  #rowsOf(set: FrameSet): Rows | null {
    for (const { timestamps } of set.encoded) {
      if ((timestamps[0] ?? 0) <= this.#endMs && (timestamps[timestamps.length - 1] ?? 0) >= this.#startMs)
        return null;
    }
    const parts = [];
    let newest = -Infinity;
    for (const block of set.blocks) {
      if (!block.inOrder) return null;
      const from = lowerBound(block.timestamps, this.#startMs, block.rows);
      const to = lowerBound(block.timestamps, this.#endMs + 1, block.rows);
      if (from >= to) continue;
      if ((block.timestamps[from] ?? 0) <= newest) return null;
      newest = block.timestamps[to - 1] ?? 0;
      parts.push({ block, from, to });
    }
    return { parts, timestamps: joinTimes(parts) };
  }
}
