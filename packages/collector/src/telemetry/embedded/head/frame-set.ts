import { NO_SERIES, type SeriesRef } from '../../store.ts';
import type { EncodedFrames } from './encoded-blocks.ts';
import type { FrameBlock } from './frame-block.ts';

/** The series of one agent that share their collection times: the columns of its frames under one dictionary. */
export class FrameSet {
  readonly id: number;
  readonly agentId: string;
  readonly refs: Uint32Array;
  /** Slots that carry a series; the others' samples are dropped. */
  readonly usedSlots: number;
  /** Blocks of this set that are not sealed yet, at most one open for each window. */
  blocks: FrameBlock[] = [];
  /** Sealed blocks that are not rearranged by series yet. */
  encoded: EncodedFrames[] = [];
  /** The segment of the log that holds this set's definition. */
  loggedSegment = -1;
  /** Not in the head any more: a frame of it founds the set anew. */
  dropped = false;
  #slots: ReadonlyMap<SeriesRef, number> | undefined;
  readonly #consecutive: boolean;

  constructor(id: number, agentId: string, refs: Uint32Array) {
    this.id = id;
    this.agentId = agentId;
    this.refs = refs;
    const first = refs[0] ?? 0;
    this.#consecutive = refs.every((ref, slot) => ref === first + slot);
    this.usedSlots = refs.reduce((count, ref) => (ref === NO_SERIES ? count : count + 1), 0);
  }

  /** The slot of a series, -1 where the set does not have it. */
  slotOf(ref: SeriesRef): number {
    if (this.#consecutive) {
      const slot = ref - (this.refs[0] ?? 0);
      return slot >= 0 && slot < this.refs.length ? slot : -1;
    }
    this.#slots ??= new Map(Array.from(this.refs, (known, slot) => [known, slot]));
    return this.#slots.get(ref) ?? -1;
  }
}
