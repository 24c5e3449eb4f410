import { ByteReader } from '../byte-reader.ts';
import { ByteWriter } from '../byte-writer.ts';
import { encodeDetails } from '../details/detail-column.ts';
import type { SampleDetails } from '../details/sample-details.ts';
import { decodeWholeColumn, encodeColumn } from './column-codec.ts';
import { PADDING_BYTES, type PaddedBytes, padded } from './padded-bytes.ts';
import { zigzagDecode, zigzagEncode } from './zigzag.ts';

/** Kind and version in the header of a file of blocks; see docs/format/blocks.md. */
export const BLOCK_FILE_KIND = 2;
export const BLOCK_VERSION = 2;

const FRAMES = 1;
const LOOSE = 2;
/** Loose, and some samples have more than a value. */
const DETAILED = 3;
/** Columns gathered together, so that each cache line of a row is fetched once. */
const TILE = 8;
/** Reused: a large set's columns are megabytes. */
const columns = new ByteWriter();
const PADDING = new Uint8Array(PADDING_BYTES);

/** When rows were collected, by which frames of which agent, and the series their values are of. */
export interface CollectedRows extends Timeline {
  readonly agentId: string;
  readonly refs: Uint32Array;
}

/** Rows of one agent's frames in strictly ascending time, columns not yet encoded. */
export interface RawFrameBlock extends CollectedRows {
  /** Row-major, refs.length wide; row i of the block is row `rowIndexes[i]` here. */
  readonly values: Float64Array;
  readonly rowIndexes: Uint32Array;
}

/** Series that share no times: each has its own, one after the other. */
export interface RawLooseBlock {
  readonly refs: Uint32Array;
  readonly counts: Uint32Array;
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  readonly details: readonly (SampleDetails | null)[] | null;
}

/** When the rows were collected and by which frames. */
export interface Timeline {
  readonly timestamps: Float64Array;
  readonly epochs: Float64Array;
  readonly sequences: Float64Array;
}

export type ParsedBlock = ParsedFrameBlock | ParsedLooseBlock;

export interface ParsedFrameBlock {
  readonly kind: 'frames';
  readonly agentId: string;
  readonly refs: Uint32Array;
  readonly rows: number;
  /** The encoded timeline, as day files keep it. */
  readonly timelineBytes: Uint8Array;
  /** The block; column `slot` lies in [ends[slot], ends[slot + 1]). */
  readonly source: PaddedBytes;
  readonly ends: Uint32Array;
}

export interface ParsedLooseBlock {
  readonly kind: 'loose';
  /** Ascending. */
  readonly refs: Uint32Array;
  readonly counts: Uint32Array;
  /** The block; the i-th series' times lie in [ends[3 * i], ends[3 * i + 1]), then its values and its details, if it has any. */
  readonly source: PaddedBytes;
  readonly ends: Uint32Array;
}

/** Exponents that fitted an agent's columns before, so that the next block finds them at once. */
export type ColumnHints = Uint8Array;

export function encodeFrameBlock(out: ByteWriter, block: RawFrameBlock, hints: ColumnHints): void {
  columns.reset();
  const lengths = encodeColumns(columns, block, hints);
  writeFrameBlock(out, block, lengths);
}

/** As `encodeFrameBlock`, of columns that are there one at a time. */
export function encodeColumnBlock(
  out: ByteWriter,
  block: CollectedRows,
  column: (slot: number) => Float64Array,
): void {
  columns.reset();
  const lengths = new Uint32Array(block.refs.length);
  for (let slot = 0; slot < lengths.length; slot++) {
    const before = columns.length;
    encodeColumn(columns, column(slot), block.timestamps.length);
    lengths[slot] = columns.length - before;
  }
  writeFrameBlock(out, block, lengths);
}

/** The block of what lies in `columns`. */
function writeFrameBlock(out: ByteWriter, block: CollectedRows, lengths: Uint32Array): void {
  out.u8(FRAMES);
  out.text(block.agentId);
  writeRefs(out, block.refs);
  out.varint(block.timestamps.length);
  const timeline = new ByteWriter(new ArrayBuffer(512));
  writeTimeline(timeline, block);
  out.varint(timeline.length);
  out.bytes(timeline.written());
  for (const length of lengths) out.varint(length);
  out.bytes(columns.written());
  out.bytes(PADDING);
}

function encodeColumns(out: ByteWriter, block: RawFrameBlock, hints: ColumnHints): Uint32Array {
  const { values, rowIndexes } = block;
  const stride = block.refs.length;
  const rows = rowIndexes.length;
  const lengths = new Uint32Array(stride);
  const tile = Array.from({ length: TILE }, () => new Float64Array(rows));
  for (let from = 0; from < stride; from += TILE) {
    const width = Math.min(TILE, stride - from);
    gatherTile(tile, values, rowIndexes, stride, from, width);
    for (let j = 0; j < width; j++) {
      const column = tile[j];
      if (column === undefined) continue;
      const before = out.length;
      hints[from + j] = encodeColumn(out, column, rows, hints[from + j]);
      lengths[from + j] = out.length - before;
    }
  }
  return lengths;
}

/** Copies as 32-bit words: a NaN's payload would not be safe in a number. */
function gatherTile(
  tile: readonly Float64Array[],
  values: Float64Array,
  rowIndexes: Uint32Array,
  stride: number,
  from: number,
  width: number,
): void {
  const source = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  const rows = rowIndexes.length;
  for (let j = 0; j < width; j++) {
    const column = tile[j];
    if (column === undefined) continue;
    const target = new Uint32Array(column.buffer);
    for (let i = 0; i < rows; i++) {
      const at = ((rowIndexes[i] ?? 0) * stride + from + j) * 2;
      target[i * 2] = source[at] ?? 0;
      target[i * 2 + 1] = source[at + 1] ?? 0;
    }
  }
}

export function encodeLooseBlock(out: ByteWriter, block: RawLooseBlock): void {
  out.u8(block.details === null ? LOOSE : DETAILED);
  writeRefs(out, block.refs);
  columns.reset();
  let at = 0;
  for (const [i, count] of block.counts.entries()) {
    out.varint(count);
    const start = columns.length;
    encodeColumn(columns, block.timestamps.subarray(at, at + count), count);
    const middle = columns.length;
    // Values are copied so that they are aligned for the codec whatever their offset.
    encodeColumn(columns, block.values.slice(at, at + count), count);
    const end = columns.length;
    out.varint(middle - start);
    out.varint(end - middle);
    if (block.details !== null) {
      const details = block.details[i] ?? null;
      if (details !== null) encodeDetails(columns, details);
      out.varint(columns.length - end);
    }
    at += count;
  }
  out.bytes(columns.written());
  out.bytes(PADDING);
}

/** Reads a block's directory; columns stay encoded in `payload`. */
export function parseBlock(payload: Uint8Array): ParsedBlock {
  const reader = new ByteReader(payload);
  const kind = reader.u8();
  return kind === FRAMES ? parseFrames(payload, reader) : parseLoose(payload, reader, kind === DETAILED);
}

function parseFrames(payload: Uint8Array, reader: ByteReader): ParsedFrameBlock {
  const agentId = reader.text();
  const refs = readRefs(reader);
  const rows = reader.varint();
  const timelineBytes = reader.bytes(reader.varint());
  const ends = new Uint32Array(refs.length + 1);
  for (let i = 0; i < refs.length; i++) ends[i + 1] = (ends[i] ?? 0) + reader.varint();
  shift(ends, reader.position);
  return { kind: 'frames', agentId, refs, rows, timelineBytes, source: padded(payload), ends };
}

function shift(offsets: Uint32Array, by: number): void {
  for (let i = 0; i < offsets.length; i++) offsets[i] = (offsets[i] ?? 0) + by;
}

function parseLoose(payload: Uint8Array, reader: ByteReader, detailed: boolean): ParsedLooseBlock {
  const refs = readRefs(reader);
  const counts = new Uint32Array(refs.length);
  const ends = new Uint32Array(refs.length * 3 + 1);
  for (let i = 0; i < refs.length; i++) {
    counts[i] = reader.varint();
    ends[i * 3 + 1] = (ends[i * 3] ?? 0) + reader.varint();
    ends[i * 3 + 2] = (ends[i * 3 + 1] ?? 0) + reader.varint();
    ends[i * 3 + 3] = (ends[i * 3 + 2] ?? 0) + (detailed ? reader.varint() : 0);
  }
  shift(ends, reader.position);
  return { kind: 'loose', refs, counts, source: padded(payload), ends };
}

/** Times, and which frames they come from: runs of consecutive sequences of one epoch. */
export function writeTimeline(out: ByteWriter, timeline: Timeline): void {
  const { timestamps, epochs, sequences } = timeline;
  const rows = timestamps.length;
  out.varint(rows);
  for (let from = 0; from < rows;) {
    const epoch = epochs[from] ?? 0;
    const first = sequences[from] ?? 0;
    let to = from + 1;
    while (to < rows && epochs[to] === epoch && sequences[to] === first + to - from) to++;
    out.varint(to - from);
    out.varint(epoch);
    out.varint(first);
    from = to;
  }
  encodeColumn(out, timestamps, rows);
}

/** When the rows were collected, alone: few ask which frames they are of. */
export function readTimes(bytes: Uint8Array): Float64Array {
  const reader = new ByteReader(bytes);
  const rows = reader.varint();
  for (let at = 0; at < rows;) {
    at += reader.varint();
    reader.varint();
    reader.varint();
  }
  const timestamps = new Float64Array(rows);
  decodeWholeColumn(bytes.subarray(reader.position), rows, timestamps);
  return timestamps;
}

export function readTimeline(bytes: Uint8Array): Timeline {
  const reader = new ByteReader(bytes);
  const rows = reader.varint();
  const timeline = {
    timestamps: new Float64Array(rows),
    epochs: new Float64Array(rows),
    sequences: new Float64Array(rows),
  };
  for (let at = 0; at < rows;) {
    const end = at + reader.varint();
    timeline.epochs.fill(reader.varint(), at, end);
    for (let sequence = reader.varint(); at < end; at++) timeline.sequences[at] = sequence++;
  }
  decodeWholeColumn(bytes.subarray(reader.position), rows, timeline.timestamps);
  return timeline;
}

function writeRefs(out: ByteWriter, refs: Uint32Array): void {
  out.varint(refs.length);
  let previous = -1;
  for (const ref of refs) {
    out.varint(zigzagEncode(ref - previous - 1));
    previous = ref;
  }
}

function readRefs(reader: ByteReader): Uint32Array {
  const refs = new Uint32Array(reader.varint());
  let previous = -1;
  for (let i = 0; i < refs.length; i++) {
    previous += 1 + zigzagDecode(reader.varint());
    refs[i] = previous;
  }
  return refs;
}
