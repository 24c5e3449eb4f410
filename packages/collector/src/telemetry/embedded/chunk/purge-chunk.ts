import { writeNoSample } from '@plimsoll/proto';
import { ByteWriter } from '../byte-writer.ts';
import { type TimeSpan, isWithin } from '../deletion/deletions.ts';
import { decodeDetails, encodeDetails } from '../details/detail-column.ts';
import {
  type DetailedSegment,
  visitSegments,
  writeDetailedSegment,
  writeOwnSegment,
  writeSharedSegment,
} from './chunk-segments.ts';
import { decodeColumn, encodeColumn } from './column-codec.ts';
import { PADDING_BYTES, type PaddedBytes, padded } from './padded-bytes.ts';

const PADDING = new Uint8Array(PADDING_BYTES);

/**
 * A chunk without the samples of some times: the same bytes where it has none of them, null where nothing is left.
 * `timesOf` gives the times of a shared timeline.
 */
export function purgeChunk(
  chunk: Uint8Array,
  deleted: readonly TimeSpan[],
  timesOf: (timeline: number) => Float64Array,
): Uint8Array | null {
  const purge = new ChunkPurge(chunk, deleted);
  visitSegments(chunk, {
    shared: (timeline, start, end) => purge.shared(timeline, timesOf(timeline), start, end),
    own: (count, timesStart, timesEnd, start, end) =>
      purge.own({ count, timesStart, timesEnd, start, end, detailsStart: end, detailsEnd: end }),
    detailed: (segment) => purge.own(segment),
  });
  return purge.result();
}

class ChunkPurge {
  readonly #chunk: Uint8Array;
  readonly #source: PaddedBytes;
  readonly #deleted: readonly TimeSpan[];
  readonly #out = new ByteWriter(new ArrayBuffer(4096));
  #changed = false;

  constructor(chunk: Uint8Array, deleted: readonly TimeSpan[]) {
    this.#chunk = chunk;
    this.#source = padded(chunk);
    this.#deleted = deleted;
  }

  result(): Uint8Array | null {
    if (!this.#changed) return this.#chunk;
    if (this.#out.length === 0) return null;
    this.#out.bytes(PADDING);
    return this.#out.written();
  }

  /** Rows stay, because others share their times; they get no sample. */
  shared(timeline: number, times: Float64Array, start: number, end: number): void {
    const gone = [...times.keys()].filter((row) => isWithin(this.#deleted, times[row] ?? 0));
    if (gone.length === 0) {
      writeSharedSegment(this.#out, timeline, this.#chunk.subarray(start, end));
      return;
    }
    this.#changed = true;
    const values = this.#column(start, end, times.length);
    for (const row of gone) writeNoSample(values, row);
    const column = encoded((out) => encodeColumn(out, values, values.length));
    if (column.length > 0) writeSharedSegment(this.#out, timeline, column);
  }

  own({ count, timesStart, timesEnd, start, end, detailsStart, detailsEnd }: DetailedSegment): void {
    const times = this.#column(timesStart, timesEnd, count);
    const rows = [...times.keys()].filter((row) => !isWithin(this.#deleted, times[row] ?? 0));
    const detailed = detailsEnd > detailsStart;
    if (rows.length === count) {
      const part = (from: number, to: number): Uint8Array => this.#chunk.subarray(from, to);
      const [timePart, valuePart] = [part(timesStart, timesEnd), part(start, end)];
      this.#write(count, timePart, valuePart, detailed ? part(detailsStart, detailsEnd) : null);
      return;
    }
    this.#changed = true;
    if (rows.length === 0) return;
    const values = this.#column(start, end, count);
    const keptTimes = Float64Array.from(rows, (row) => times[row] ?? 0);
    const keptValues = new Float64Array(rows.length);
    rows.forEach((row, i) => keptValues.set(values.subarray(row, row + 1), i));
    this.#write(
      rows.length,
      encoded((out) => encodeColumn(out, keptTimes, rows.length)),
      encoded((out) => encodeColumn(out, keptValues, rows.length)),
      detailed ? this.#details(detailsStart, count, rows) : null,
    );
  }

  #details(start: number, count: number, rows: readonly number[]): Uint8Array {
    const { histograms, startTimestampsMs } = decodeDetails(this.#source, start, count);
    const kept = {
      histograms: rows.map((row) => histograms[row]),
      startTimestampsMs: Float64Array.from(rows, (row) => startTimestampsMs[row] ?? 0),
    };
    return encoded((out) => encodeDetails(out, kept));
  }

  #write(count: number, times: Uint8Array, values: Uint8Array, details: Uint8Array | null): void {
    if (details === null) writeOwnSegment(this.#out, count, times, values);
    else writeDetailedSegment(this.#out, count, times, values, details);
  }

  #column(start: number, end: number, count: number): Float64Array {
    const values = new Float64Array(count);
    decodeColumn(this.#source, start, end, count, values, 0);
    return values;
  }
}

function encoded(write: (out: ByteWriter) => void): Uint8Array {
  const out = new ByteWriter(new ArrayBuffer(1024));
  write(out);
  return out.written();
}
