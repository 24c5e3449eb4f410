import type { SeriesRef } from '../../store.ts';
import { visitSegments } from '../chunk/chunk-segments.ts';
import { padded } from '../chunk/padded-bytes.ts';
import type { DayStore } from '../day-store.ts';
import { refSpans } from './ref-spans.ts';
import { SealedColumn } from './sealed-column.ts';
import { SharedTimes } from './shared-times.ts';

/** Series further apart than this are looked up one by one instead of being read past. */
const MAX_GAP = 2;
/** What an entry takes beside its chunk: the objects that describe its columns. */
const ENTRY_BYTES = 400;

type Columns = readonly SealedColumn[];

const NONE: Columns = [];

/** The chunks of one window that were read, by series: none where a series has none. */
class WindowChunks {
  readonly columns = new Map<SeriesRef, Columns>();
  readonly times = new SharedTimes();
  #chunkBytes = 0;

  get bytes(): number {
    return this.#chunkBytes + this.times.bytes + this.columns.size * ENTRY_BYTES;
  }

  set(ref: SeriesRef, columns: Columns, bytes: number): void {
    this.columns.set(ref, columns);
    this.#chunkBytes += bytes;
  }
}

/** What was read of the days' files, kept for the next query while there is room. */
export class DayChunks {
  readonly #days: DayStore;
  readonly #maxBytes: number;
  /** Least recently read first. What is in use is never emptied, only let go of. */
  readonly #windows = new Map<number, WindowChunks>();

  /** `maxBytes` is what is kept between queries; one may read more. */
  constructor(days: DayStore, maxBytes: number) {
    this.#days = days;
    this.#maxBytes = maxBytes;
  }

  /** Forgets what was read of windows that were written to, or are gone. */
  changed(windowStartMs?: number): void {
    if (windowStartMs === undefined) this.#windows.clear();
    else this.#windows.delete(windowStartMs);
  }

  /** The columns of many series (ascending refs) in a window; others may be there too. */
  read(windowStartMs: number, refs: readonly SeriesRef[]): ReadonlyMap<SeriesRef, Columns> {
    const window = this.#windows.get(windowStartMs) ?? new WindowChunks();
    const missing = refs.filter((ref) => !window.columns.has(ref));
    if (missing.length > 0) this.#load(windowStartMs, window, missing);
    this.#windows.delete(windowStartMs);
    this.#windows.set(windowStartMs, window);
    let bytes = 0;
    for (const each of this.#windows.values()) bytes += each.bytes;
    for (const [oldest, each] of this.#windows) {
      if (bytes <= this.#maxBytes) break;
      bytes -= each.bytes;
      this.#windows.delete(oldest);
    }
    return window.columns;
  }

  #load(windowStartMs: number, window: WindowChunks, refs: readonly SeriesRef[]): void {
    const reader = this.#days.reader(windowStartMs);
    for (const ref of refs) window.set(ref, NONE, 0);
    const add = (ref: SeriesRef, data: Uint8Array): void => {
      window.set(ref, this.#columnsOf(windowStartMs, window, data), data.length);
    };
    for (const [first, last] of refSpans(refs, MAX_GAP)) {
      if (first === last) {
        const data = reader.chunk(windowStartMs, first);
        if (data !== undefined) add(first, data);
      } else {
        reader.chunks(windowStartMs, first, last, add);
      }
    }
  }

  #columnsOf(windowStartMs: number, window: WindowChunks, data: Uint8Array): Columns {
    const source = padded(data);
    const timelines = this.#days.timelines(windowStartMs);
    const columns: SealedColumn[] = [];
    visitSegments(data, {
      shared: (number, start, end) => {
        const timeline = timelines.get(number) ?? this.#days.readTimeline(windowStartMs, number);
        columns.push(new SealedColumn(timeline.timestamps, timeline, { source, start, end }));
      },
      own: (count, timesStart, timesEnd, start, end) => {
        const times = window.times.read(source, timesStart, timesEnd, count);
        columns.push(new SealedColumn(times, null, { source, start, end }));
      },
      detailed: ({ count, timesStart, timesEnd, start, end, detailsStart }) => {
        const times = window.times.read(source, timesStart, timesEnd, count);
        columns.push(new SealedColumn(times, null, { source, start, end }, detailsStart));
      },
    });
    return columns;
  }
}
