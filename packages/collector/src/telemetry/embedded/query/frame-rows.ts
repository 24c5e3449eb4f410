import type { SeriesRef } from '../../store.ts';
import type { FrameContent, RecentBlocks } from '../recent-blocks.ts';
import type { EncodedFrames } from '../head/encoded-blocks.ts';
import type { FrameBlock } from '../head/frame-block.ts';
import type { FrameSet } from '../head/frame-set.ts';
import type { Head } from '../head/head.ts';
import { type FrameOrder, frameOrder } from './frame-order.ts';
import type { RowRange } from './row-range.ts';
import type { RunList } from './run.ts';
import { SealedColumn } from './sealed-column.ts';

/** Rows of one block of a set within the times asked for, the same for all its series. */
interface Part {
  readonly from: number;
  readonly to: number;
  readonly open: FrameBlock | null;
  readonly sealed: {
    readonly timestamps: Float64Array;
    readonly content: FrameContent;
    readonly order: () => FrameOrder;
  } | null;
}

/** Finds rows of agents' frames in the head, sealed or not: once for each set of series, not for each series. */
export class FrameRows {
  readonly #head: Head;
  readonly #recent: RecentBlocks;
  readonly #range: RowRange;
  readonly #known = new Map<FrameSet, readonly Part[]>();
  #last: FrameSet | undefined;
  #lastParts: readonly Part[] = [];

  constructor(head: Head, recent: RecentBlocks, range: RowRange) {
    this.#head = head;
    this.#recent = recent;
    this.#range = range;
  }

  addRuns(runs: RunList, ref: SeriesRef): void {
    for (const set of this.#head.setsOf(ref)) {
      const parts = this.#partsOf(set);
      if (parts.length === 0) continue;
      const slot = set.slotOf(ref);
      for (const { open, sealed, from, to } of parts) {
        if (open !== null) runs.addBlock(open, slot, from, to);
        else if (sealed !== null) {
          const column = columnOf(sealed, slot);
          if (column !== null) runs.addSealed(column, from, to);
        }
      }
    }
  }

  #partsOf(set: FrameSet): readonly Part[] {
    if (set === this.#last) return this.#lastParts;
    let parts = this.#known.get(set);
    if (parts === undefined) {
      parts = [
        ...set.encoded.flatMap((block) => this.#sealedPart(block)),
        ...set.blocks.flatMap((block) => this.#openParts(block)),
      ];
      this.#known.set(set, parts);
    }
    this.#last = set;
    this.#lastParts = parts;
    return parts;
  }

  #sealedPart(block: EncodedFrames): Part | [] {
    const { timestamps } = block;
    const { from, to } = this.#range.locate(timestamps);
    if (from >= to) return [];
    const content = this.#recent.frames(block);
    const order = frameOrder(content.timelineBytes);
    return { from, to, open: null, sealed: { timestamps, content, order } };
  }

  #openParts(block: FrameBlock): Part[] {
    const { timestamps, rows, inOrder } = block;
    if (inOrder) {
      const { from, to } = this.#range.search(timestamps, rows);
      return from < to ? [{ from, to, open: block, sealed: null }] : [];
    }
    // Rows as they came: each is a run of its own and the gatherer puts them in order.
    const { startMs, endMs } = this.#range;
    return Array.from({ length: rows }, (_, row) => row)
      .filter((row) => (timestamps[row] ?? 0) >= startMs && (timestamps[row] ?? 0) <= endMs)
      .map((row) => ({ from: row, to: row + 1, open: block, sealed: null }));
  }
}

function columnOf(
  { timestamps, content, order }: NonNullable<Part['sealed']>,
  slot: number,
): SealedColumn | null {
  const known = content.columns[slot];
  if (known !== undefined) return known;
  const start = content.ends[slot] ?? 0;
  const end = content.ends[slot + 1] ?? 0;
  const column = start === end ? null : new SealedColumn(timestamps, order, content.source, start, end);
  content.columns[slot] = column;
  return column;
}
