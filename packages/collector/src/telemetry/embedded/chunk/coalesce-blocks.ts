import { ByteWriter } from '../byte-writer.ts';
import {
  type ParsedBlock,
  type ParsedFrameBlock,
  type Timeline,
  encodeColumnBlock,
  parseBlock,
  readTimeline,
} from './block-codec.ts';
import { decodeColumn } from './column-codec.ts';

/** Blocks are joined up to this: a column costs something whatever its length, on the disk and to read. Two hours of it. */
const MAX_JOINED_ROWS = 720;
/** Bounds how long joining very wide blocks takes, since commits wait behind it, and its memory. */
const MAX_JOINED_VALUES = 1024 * 1024;

/** A block and the blocks, by index, that it stands for. */
export interface Coalesced {
  readonly block: ParsedBlock;
  readonly of: readonly number[];
}

/** Joins runs of blocks of one agent and dictionary that follow each other in time. Loose blocks stay as they are. */
export function coalesceBlocks(blocks: readonly ParsedBlock[]): Coalesced[] {
  const result: Coalesced[] = [];
  let run: Run | null = null;
  for (const { block, index, timeline } of inTime(blocks)) {
    if (block.kind !== 'frames' || timeline === null || block.rows >= MAX_JOINED_ROWS) {
      result.push({ block, of: [index] });
    } else if (run !== null && run.accepts(block, timeline)) {
      run.add(block, timeline, index);
    } else {
      if (run !== null) result.push(run.join());
      run = new Run(block, timeline, index);
    }
  }
  if (run !== null) result.push(run.join());
  return result;
}

interface Timed {
  readonly block: ParsedBlock;
  readonly index: number;
  readonly timeline: Timeline | null;
}

function inTime(blocks: readonly ParsedBlock[]): Timed[] {
  return blocks
    .map((block, index) => ({
      block,
      index,
      timeline: block.kind === 'frames' ? readTimeline(block.timelineBytes) : null,
    }))
    .sort((a, b) => (a.timeline?.timestamps[0] ?? 0) - (b.timeline?.timestamps[0] ?? 0));
}

class Run {
  readonly #first: ParsedFrameBlock;
  readonly #blocks: ParsedFrameBlock[];
  readonly #timelines: Timeline[];
  readonly #indexes: number[];
  #rows: number;

  constructor(block: ParsedFrameBlock, timeline: Timeline, index: number) {
    this.#first = block;
    this.#blocks = [block];
    this.#timelines = [timeline];
    this.#indexes = [index];
    this.#rows = block.rows;
  }

  accepts(block: ParsedFrameBlock, timeline: Timeline): boolean {
    const first = this.#first;
    const rows = this.#rows + block.rows;
    return (
      (timeline.timestamps[0] ?? 0) > (this.#timelines.at(-1)?.timestamps.at(-1) ?? 0) &&
      rows <= MAX_JOINED_ROWS &&
      rows * first.refs.length <= MAX_JOINED_VALUES &&
      first.refs.length === block.refs.length &&
      first.refs.every((ref, slot) => ref === block.refs[slot])
    );
  }

  add(block: ParsedFrameBlock, timeline: Timeline, index: number): void {
    this.#blocks.push(block);
    this.#timelines.push(timeline);
    this.#indexes.push(index);
    this.#rows += block.rows;
  }

  join(): Coalesced {
    if (this.#blocks.length === 1) return { block: this.#first, of: this.#indexes };
    const { refs, agentId } = this.#first;
    const join = (column: (timeline: Timeline) => Float64Array): Float64Array =>
      Float64Array.from(this.#timelines.flatMap((timeline) => Array.from(column(timeline))));
    const joined = {
      agentId,
      refs,
      timestamps: join(({ timestamps }) => timestamps),
      epochs: join(({ epochs }) => epochs),
      sequences: join(({ sequences }) => sequences),
    };
    // As large as what it is made of, which it seldom outgrows: growing would take as much again.
    const bytes = this.#blocks.reduce((sum, { source }) => sum + source.bytes.length, 0);
    const out = new ByteWriter(new ArrayBuffer(bytes));
    const column = new Float64Array(this.#rows);
    encodeColumnBlock(out, joined, (slot) => this.#decode(slot, column));
    return { block: parseBlock(out.written()), of: this.#indexes };
  }

  /** All rows of one slot. */
  #decode(slot: number, column: Float64Array): Float64Array {
    let row = 0;
    for (const { source, ends, rows } of this.#blocks) {
      decodeColumn(source, ends[slot] ?? 0, ends[slot + 1] ?? 0, rows, column, row);
      row += rows;
    }
    return column;
  }
}
