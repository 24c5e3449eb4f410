import type { SeriesRef } from '../../store.ts';
import { visitSegments } from '../chunk/chunk-segments.ts';
import { padded } from '../chunk/padded-bytes.ts';
import type { DayStore } from '../day-store.ts';
import { SealedColumn } from './sealed-column.ts';
import { SharedTimes } from './shared-times.ts';

/** Series further apart than this are looked up one by one instead of being read past. */
const MAX_GAP = 2;
/** Chunks kept for the next query, about a kilobyte each. */
const MAX_CHUNKS = 8192;

type Columns = readonly SealedColumn[];

const NONE: Columns = [];

/** The chunks of one window that were read, by series: none where a series has none. */
class WindowChunks {
  readonly columns = new Map<SeriesRef, Columns>();
  readonly times = new SharedTimes();

  forget(ref: SeriesRef): void {
    this.columns.delete(ref);
  }
}

/** What was read of the days' files, kept for the next query while there is room. */
export class DayChunks {
  readonly #days: DayStore;
  /** Least recently read first. */
  readonly #windows = new Map<number, WindowChunks>();

  constructor(days: DayStore) {
    this.#days = days;
  }

  /** Forgets what was read of windows that were written to, or are gone. */
  changed(windowStartMs?: number): void {
    if (windowStartMs === undefined) this.#windows.clear();
    else this.#windows.delete(windowStartMs);
  }

  /** The columns of many series (ascending refs) in a window. */
  read(windowStartMs: number, refs: readonly SeriesRef[]): ReadonlyMap<SeriesRef, Columns> {
    const window = this.#window(windowStartMs);
    const missing = refs.filter((ref) => !window.columns.has(ref));
    if (missing.length > 0) this.#load(windowStartMs, window, missing);
    return window.columns;
  }

  #window(windowStartMs: number): WindowChunks {
    const known = this.#windows.get(windowStartMs) ?? new WindowChunks();
    this.#windows.delete(windowStartMs);
    if (known.columns.size > MAX_CHUNKS) known.columns.clear();
    let chunks = known.columns.size;
    for (const { columns } of this.#windows.values()) chunks += columns.size;
    for (const [oldest, { columns }] of this.#windows) {
      if (chunks <= MAX_CHUNKS) break;
      chunks -= columns.size;
      this.#windows.delete(oldest);
    }
    this.#windows.set(windowStartMs, known);
    return known;
  }

  #load(windowStartMs: number, window: WindowChunks, refs: readonly SeriesRef[]): void {
    const reader = this.#days.reader(windowStartMs);
    for (const ref of refs) window.columns.set(ref, NONE);
    const add = (ref: SeriesRef, data: Uint8Array): void => {
      window.columns.set(ref, this.#columnsOf(windowStartMs, window, ref, data));
    };
    for (const [first, last] of spansOf(refs)) {
      if (first === last) {
        const data = reader.chunk(windowStartMs, first);
        if (data !== undefined) add(first, data);
      } else {
        reader.chunks(windowStartMs, first, last, add);
      }
    }
  }

  #columnsOf(windowStartMs: number, window: WindowChunks, ref: SeriesRef, data: Uint8Array): Columns {
    const source = padded(data);
    const timelines = this.#days.timelines(windowStartMs);
    const columns: SealedColumn[] = [];
    visitSegments(data, {
      shared: (number, start, end) => {
        const timeline = timelines.get(number) ?? this.#days.readTimeline(windowStartMs, number);
        columns.push(new SealedColumn(timeline.timestamps, timeline, { source, start, end }, ref, window));
      },
      own: (count, timesStart, timesEnd, start, end) => {
        const times = window.times.read(source, timesStart, timesEnd, count);
        columns.push(new SealedColumn(times, null, { source, start, end }, ref, window));
      },
      detailed: ({ count, timesStart, timesEnd, start, end, detailsStart }) => {
        const times = window.times.read(source, timesStart, timesEnd, count);
        const column = new SealedColumn(times, null, { source, start, end }, ref, window);
        column.detailsAt = detailsStart;
        columns.push(column);
      },
    });
    return columns;
  }
}

function spansOf(refs: readonly SeriesRef[]): (readonly [first: SeriesRef, last: SeriesRef])[] {
  const spans: [SeriesRef, SeriesRef][] = [];
  for (const ref of refs) {
    const span = spans.at(-1);
    if (span !== undefined && ref - span[1] <= MAX_GAP) span[1] = ref;
    else spans.push([ref, ref]);
  }
  return spans;
}
