import { NO_SERIES, type SampleAppend, type SeriesRef } from '../../store.ts';
import type { SampleDetail } from '../details/sample-details.ts';
import type { EncodedFrames } from './encoded-blocks.ts';
import { BlockMemory } from './block-memory.ts';
import { FrameBlock } from './frame-block.ts';
import { FrameSet } from './frame-set.ts';
import { LooseSeries, type SampleVerdict } from './loose-series.ts';
import { windowStart } from './windows.ts';

/** At most this many collections of a set stay open; then they are encoded. */
export const MAX_BLOCK_ROWS = 120;
const MIN_BLOCK_ROWS = 8;
/** Memory for open blocks of all sets together; beyond it, blocks get fewer rows. */
const OPEN_VALUES_BUDGET_BYTES = 12 * 1024 * 1024;
/** As much again for blocks that are being sealed, and for what lies between them. Only what was used takes room. */
const BLOCK_MEMORY_BYTES = 3 * OPEN_VALUES_BUDGET_BYTES;

/** Samples before `oldestMs`, or older than the window behind their series' newest, are not taken. */
export interface SampleLimits {
  readonly outOfOrderWindowMs: number;
  readonly oldestMs: number;
}

const NO_SETS: readonly FrameSet[] = [];

/** The newest samples, in memory: frames as matrices, everything else series by series. */
export class Head {
  readonly #sets = new Map<string, FrameSet[]>();
  readonly #byIdentity = new WeakMap<Uint32Array, FrameSet>();
  /** Sets a series occurs in, by ref. Series with the same membership share one array. */
  readonly #membership: (readonly FrameSet[])[] = [];
  readonly #loose = new Map<SeriesRef, LooseSeries>();
  readonly #memory = new BlockMemory(BLOCK_MEMORY_BYTES);
  #nextSetId = 1;
  #nextBlockId = 1;
  #openValues = 0;

  /** The set of these refs; the same array, or one with the same content, gives the same set. */
  frameSet(agentId: string, refs: Uint32Array): FrameSet {
    const known = this.#byIdentity.get(refs);
    if (known !== undefined && known.agentId === agentId && !known.dropped) return known;
    const ofAgent = this.#sets.get(agentId) ?? [];
    let set = ofAgent.find((candidate) => sameRefs(candidate.refs, refs));
    if (set === undefined) {
      set = new FrameSet(this.#nextSetId++, agentId, refs);
      this.#sets.set(agentId, [...ofAgent, set]);
      this.#join(set);
    }
    this.#byIdentity.set(refs, set);
    return set;
  }

  /** The block that takes a frame of this set at this time. */
  blockFor(set: FrameSet, timestampMs: number, segment: number): FrameBlock {
    const start = windowStart(timestampMs);
    for (let i = set.blocks.length - 1; i >= 0; i--) {
      const block = set.blocks[i];
      if (block !== undefined && block.windowStartMs === start && block.open) return block;
    }
    const rows = this.#rowsFor();
    // A set's first block is shorter by its number, so that agents that began together do not all close at once.
    const first = set.blocks.length + set.encoded.length === 0;
    const capacity = first ? Math.max(MIN_BLOCK_ROWS, rows - (set.id % (rows >> 1))) : rows;
    const block = new FrameBlock({
      id: this.#nextBlockId++,
      set,
      windowStartMs: start,
      capacity,
      segment,
      openedAtMs: performance.now(),
      values: this.#memory.take(capacity * set.refs.length),
    });
    set.blocks.push(block);
    return block;
  }

  /** Replaces a block that was sealed; its memory serves again. */
  release(block: FrameBlock, encoded: readonly EncodedFrames[]): void {
    const { set } = block;
    set.blocks = set.blocks.filter((other) => other !== block);
    set.encoded = [...set.encoded, ...encoded];
    this.#memory.give(block.values);
  }

  /** Takes the samples that are acceptable; `verdicts` is told about each. */
  appendSamples(
    batch: SampleAppend,
    limits: SampleLimits,
    segment: number,
    verdict: (index: number, verdict: SampleVerdict) => void,
  ): void {
    const detailed = batch.histograms !== undefined || batch.startTimestampsMs !== undefined;
    for (let i = 0; i < batch.refs.length; i++) {
      const ref = batch.refs[i] ?? NO_SERIES;
      if (ref === NO_SERIES) continue;
      if ((batch.timestampsMs[i] ?? 0) < limits.oldestMs) {
        verdict(i, 'tooOld');
        continue;
      }
      let series = this.#loose.get(ref);
      if (series === undefined) this.#loose.set(ref, (series = new LooseSeries(ref)));
      if (series.count === 0) {
        series.firstSegment = segment;
        series.openedAtMs = performance.now();
      }
      series.lastSegment = segment;
      const timestampMs = batch.timestampsMs[i] ?? 0;
      const detail = detailed ? detailAt(batch, i) : null;
      verdict(i, series.append(timestampMs, batch.values, i, limits.outOfOrderWindowMs, detail));
    }
  }

  setsOf(ref: SeriesRef): readonly FrameSet[] {
    return this.#membership[ref] ?? NO_SETS;
  }

  loose(ref: SeriesRef): LooseSeries | undefined {
    return this.#loose.get(ref);
  }

  /** Forgets series that have no samples anywhere. */
  forgetLoose(refs: Iterable<SeriesRef>): void {
    for (const ref of refs) if (this.#loose.get(ref)?.count === 0) this.#loose.delete(ref);
  }

  looseSeries(): IterableIterator<LooseSeries> {
    return this.#loose.values();
  }

  /** Forgets sets without samples: a dictionary that is out of use, or an agent that is gone. */
  dropEmptySets(): void {
    const dropped = new Set<FrameSet>();
    for (const [agentId, sets] of this.#sets) {
      const kept = sets.filter(
        (set, i) => i === sets.length - 1 || set.blocks.length + set.encoded.length > 0,
      );
      if (kept.length === sets.length) continue;
      for (const set of sets) if (!kept.includes(set)) dropped.add(set);
      if (kept.length > 0) this.#sets.set(agentId, kept);
      else this.#sets.delete(agentId);
    }
    const reduced = new Map<readonly FrameSet[], readonly FrameSet[]>();
    for (const set of dropped) {
      this.#openValues -= set.refs.length;
      set.dropped = true;
      for (const ref of set.refs) {
        const before = this.setsOf(ref);
        let after = reduced.get(before);
        if (after === undefined) reduced.set(before, (after = before.filter((other) => !dropped.has(other))));
        if (ref !== NO_SERIES) this.#membership[ref] = after;
      }
    }
  }

  *sets(): Generator<FrameSet> {
    for (const sets of this.#sets.values()) yield* sets;
  }

  /** Samples that are not sealed yet. */
  samples(): number {
    let count = 0;
    for (const set of this.sets()) {
      for (const block of set.blocks) count += block.rows * set.usedSlots;
    }
    for (const series of this.#loose.values()) count += series.count;
    return count;
  }

  #join(set: FrameSet): void {
    this.#openValues += set.refs.length;
    const extended = new Map<readonly FrameSet[], readonly FrameSet[]>();
    for (const ref of set.refs) {
      if (ref === NO_SERIES) continue;
      const before = this.setsOf(ref);
      let after = extended.get(before);
      if (after === undefined) extended.set(before, (after = [...before, set]));
      while (this.#membership.length < ref) this.#membership.push(NO_SETS);
      this.#membership[ref] = after;
    }
  }

  #rowsFor(): number {
    const affordable = Math.floor(OPEN_VALUES_BUDGET_BYTES / 8 / Math.max(1, this.#openValues));
    return Math.min(MAX_BLOCK_ROWS, Math.max(MIN_BLOCK_ROWS, affordable));
  }
}

/** What a sample has beside its value; null for nothing. */
function detailAt({ histograms, startTimestampsMs }: SampleAppend, index: number): SampleDetail | null {
  const histogram = histograms?.[index];
  const startTimestampMs = startTimestampsMs?.[index] ?? 0;
  return histogram === undefined && startTimestampMs === 0 ? null : { histogram, startTimestampMs };
}

function sameRefs(a: Uint32Array, b: Uint32Array): boolean {
  return a.length === b.length && a.every((ref, i) => ref === b[i]);
}
