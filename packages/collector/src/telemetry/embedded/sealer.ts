import type { RawFrameBlock } from './chunk/block-codec.ts';
import type { SampleDetails } from './details/sample-details.ts';
import type { EncodedFrames, LooseBlock } from './head/encoded-blocks.ts';
import type { FrameBlock } from './head/frame-block.ts';
import type { Head } from './head/head.ts';
import type { LooseSeries } from './head/loose-series.ts';
import { windowStart } from './head/windows.ts';
import type { RecentBlocks } from './recent-blocks.ts';
import type { WriterClient } from './writer/writer-client.ts';

/** Loose samples in memory beyond this many are sealed whatever their age. */
const MAX_LOOSE_SAMPLES = 1_000_000;
/** A loose series with this many open samples is sealed. */
const MAX_OPEN_SAMPLES = 120;

/** Moves what the head has gathered into sealed blocks, by way of the writer. */
export class Sealer {
  readonly #head: Head;
  readonly #recent: RecentBlocks;
  readonly #writer: WriterClient;
  readonly #onFailure: (error: unknown) => void;
  #waitingBytes = 0;
  /** On their way to the writer now. */
  readonly #busy = new Set<FrameBlock | LooseBlock>();

  constructor(parts: {
    head: Head;
    recent: RecentBlocks;
    writer: WriterClient;
    onFailure: (error: unknown) => void;
  }) {
    this.#head = parts.head;
    this.#recent = parts.recent;
    this.#writer = parts.writer;
    this.#onFailure = parts.onFailure;
  }

  /** Memory of closed blocks that are not sealed yet. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Closes a block and has it sealed. */
  async seal(block: FrameBlock): Promise<void> {
    if (!block.closed) this.#waitingBytes += block.values.byteLength;
    block.closed = true;
    if (this.#busy.has(block)) return;
    this.#busy.add(block);
    try {
      const encoded = await this.#sealLayers(block);
      this.#head.release(block, encoded);
      this.#waitingBytes -= block.values.byteLength;
      for (const frames of encoded) this.#recent.addFrames(frames);
    } catch (error) {
      this.#onFailure(error);
    } finally {
      this.#busy.delete(block);
    }
  }

  /** Seals blocks older than `maxAgeMs`, and tries again what failed. */
  async sealOlderThan(maxAgeMs: number): Promise<void> {
    const deadlineMs = performance.now() - maxAgeMs;
    const due: FrameBlock[] = [];
    for (const set of this.#head.sets()) {
      due.push(...set.blocks.filter((block) => !block.open || block.openedAtMs <= deadlineMs));
    }
    this.#closeLoose(deadlineMs);
    const waiting = this.#recent.loose.filter((block) => block.location === null);
    await Promise.all([
      ...due.map((block) => this.seal(block)),
      ...waiting.map((block) => this.#sealLoose(block)),
    ]);
  }

  /** The oldest segment of the log that holds anything not sealed yet; Infinity when all is. */
  oldestNeededSegment(): number {
    let oldest = Infinity;
    for (const set of this.#head.sets()) {
      for (const block of set.blocks) oldest = Math.min(oldest, block.firstSegment);
    }
    for (const series of this.#head.looseSeries()) {
      if (series.count > 0) oldest = Math.min(oldest, series.firstSegment);
    }
    for (const block of this.#recent.loose) {
      if (block.location === null) oldest = Math.min(oldest, block.firstSegment);
    }
    return oldest;
  }

  /** Layers that were sealed before another one failed are not sealed again: what is on the disk twice is read twice. */
  async #sealLayers(block: FrameBlock): Promise<EncodedFrames[]> {
    const encoded: EncodedFrames[] = [];
    const results = await Promise.allSettled(
      block.layers().map(async (rows, i) => (block.sealed[i] ??= await this.#sealLayer(block, rows))),
    );
    for (const result of results) {
      if (result.status === 'rejected') throw result.reason;
      encoded.push(result.value);
    }
    return encoded;
  }

  async #sealLayer(block: FrameBlock, rowIndexes: Uint32Array): Promise<EncodedFrames> {
    const { set, windowStartMs } = block;
    const pick = (column: Float64Array): Float64Array =>
      Float64Array.from(rowIndexes, (row) => column[row] ?? 0);
    const timestamps = pick(block.timestamps);
    const raw: RawFrameBlock = {
      agentId: set.agentId,
      refs: set.refs,
      timestamps,
      epochs: pick(block.epochs),
      sequences: pick(block.sequences),
      values: block.values,
      rowIndexes,
    };
    const { location } = await this.#writer.run({
      kind: 'seal-frames',
      windowStartMs,
      setId: set.id,
      block: raw,
    });
    if (location === undefined) throw new Error('the writer sealed a block without saying where');
    const id = this.#recent.nextId();
    return { id, set, windowStartMs, location, lastSegment: block.lastSegment, timestamps };
  }

  /** Takes loose samples out of the head when a series is full, has waited, or there are many. */
  #closeLoose(deadlineMs: number): void {
    const open = [...this.#head.looseSeries()].filter((series) => series.count > 0);
    const total = open.reduce((sum, series) => sum + series.count, 0);
    const due =
      total > MAX_LOOSE_SAMPLES
        ? open
        : open.filter((series) => series.count >= MAX_OPEN_SAMPLES || series.openedAtMs <= deadlineMs);
    const windows = new Map<number, LooseSlice[]>();
    for (const series of due.sort((a, b) => a.ref - b.ref)) {
      for (const slice of slicesByWindow(series)) {
        const slices = windows.get(slice.windowStartMs);
        if (slices === undefined) windows.set(slice.windowStartMs, [slice]);
        else slices.push(slice);
      }
    }
    for (const [windowStartMs, slices] of windows) {
      this.#recent.addLoose(looseBlock(this.#recent.nextId(), windowStartMs, slices));
    }
    for (const series of due) series.clear();
  }

  async #sealLoose(block: LooseBlock): Promise<void> {
    const { raw, refs, windowStartMs } = block;
    if (raw === null || this.#busy.has(block)) return;
    this.#busy.add(block);
    try {
      const task = { kind: 'seal-loose', windowStartMs, block: { refs, ...raw } } as const;
      const { location } = await this.#writer.run(task);
      if (location === undefined) throw new Error('the writer sealed a block without saying where');
      block.location = location;
      block.raw = null;
    } catch (error) {
      this.#onFailure(error);
    } finally {
      this.#busy.delete(block);
    }
  }
}

interface LooseSlice {
  readonly windowStartMs: number;
  readonly series: LooseSeries;
  readonly from: number;
  readonly to: number;
}

function slicesByWindow(series: LooseSeries): LooseSlice[] {
  const slices: LooseSlice[] = [];
  for (let from = 0; from < series.count;) {
    const windowStartMs = windowStart(series.timestamps[from] ?? 0);
    let to = from + 1;
    while (to < series.count && windowStart(series.timestamps[to] ?? 0) === windowStartMs) to++;
    slices.push({ windowStartMs, series, from, to });
    from = to;
  }
  return slices;
}

function detailsOf(slices: readonly LooseSlice[]): (SampleDetails | null)[] | null {
  if (slices.every(({ series }) => series.details === null)) return null;
  return slices.map(({ series, from, to }) => series.details?.slice(from, to) ?? null);
}

function looseBlock(id: number, windowStartMs: number, slices: readonly LooseSlice[]): LooseBlock {
  const samples = slices.reduce((sum, { from, to }) => sum + to - from, 0);
  const raw = {
    counts: Uint32Array.from(slices, ({ from, to }) => to - from),
    starts: new Uint32Array(slices.length),
    timestamps: new Float64Array(samples),
    values: new Float64Array(samples),
    details: detailsOf(slices),
  };
  let at = 0;
  let oldestMs = Infinity;
  let newestMs = -Infinity;
  let firstSegment = Infinity;
  let lastSegment = 0;
  slices.forEach(({ series, from, to }, i) => {
    firstSegment = Math.min(firstSegment, series.firstSegment);
    lastSegment = Math.max(lastSegment, series.lastSegment);
    raw.starts[i] = at;
    raw.timestamps.set(series.timestamps.subarray(from, to), at);
    raw.values.set(series.values.subarray(from, to), at);
    oldestMs = Math.min(oldestMs, series.timestamps[from] ?? Infinity);
    newestMs = Math.max(newestMs, series.timestamps[to - 1] ?? -Infinity);
    at += to - from;
  });
  return {
    id,
    windowStartMs,
    refs: Uint32Array.from(slices, ({ series }) => series.ref),
    firstSegment,
    lastSegment,
    oldestMs,
    newestMs,
    raw,
    location: null,
  };
}
