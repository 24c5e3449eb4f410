import type { SeriesRef } from '../../store.ts';
import { type DetailedSegment, type SegmentVisitor, visitSegments } from '../chunk/chunk-segments.ts';
import type { DayStore } from '../day-store.ts';
import { dayStart } from '../head/windows.ts';
import { ChunkMemory } from './chunk-memory.ts';
import { refSpans } from './ref-spans.ts';
import { NO_DETAILS, SealedColumn } from './sealed-column.ts';
import { SharedTimes } from './shared-times.ts';

/** Series further apart than this are looked up one by one instead of being read past. */
const MAX_GAP = 2;
/** What an entry takes beside its chunk: the objects that describe its columns. */
const ENTRY_BYTES = 400;

type Columns = readonly SealedColumn[];

const NONE: Columns = [];

/** The chunks of one window that were read, by series: none where a series has none. */
class WindowChunks implements SegmentVisitor {
  readonly startMs: number;
  readonly day: number;
  readonly columns = new Map<SeriesRef, Columns>();
  readonly #days: DayStore;
  readonly #times = new SharedTimes();
  readonly #memory = new ChunkMemory();
  /** What was found in the chunk that is looked at. */
  #found: SealedColumn[] = [];

  constructor(days: DayStore, startMs: number) {
    this.#days = days;
    this.startMs = startMs;
    this.day = dayStart(startMs);
  }

  get bytes(): number {
    return this.#memory.bytes + this.#times.bytes + this.columns.size * ENTRY_BYTES;
  }

  none(ref: SeriesRef): this {
    this.columns.set(ref, NONE);
    return this;
  }

  add(ref: SeriesRef, data: Uint8Array): void {
    this.#memory.put(data);
    this.#found = [];
    visitSegments(data, this);
    this.columns.set(ref, this.#found);
  }

  shared(number: number, start: number, end: number): void {
    const { timestamps, order } = this.#days.timeline(this.startMs, number);
    const { source, at } = this.#memory;
    this.#find(new SealedColumn(timestamps, order, source, at + start, at + end));
  }

  own(count: number, timesStart: number, timesEnd: number, start: number, end: number): void {
    this.detailed({ count, timesStart, timesEnd, start, end, detailsStart: NO_DETAILS });
  }

  detailed(segment: Omit<DetailedSegment, 'detailsEnd'>): void {
    const { count, timesStart, timesEnd, start, end, detailsStart } = segment;
    const { source, at } = this.#memory;
    const times = this.#times.read(source, at + timesStart, at + timesEnd, count);
    const detailsAt = detailsStart === NO_DETAILS ? NO_DETAILS : at + detailsStart;
    this.#find(new SealedColumn(times, null, source, at + start, at + end, detailsAt));
  }

  /** Most chunks have one segment: a list of just that takes a tenth of one that grew. */
  #find(column: SealedColumn): void {
    if (this.#found.length === 0) this.#found = [column];
    else this.#found.push(column);
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

  /** The columns of series (ascending refs) in each of the windows; others may be there too. */
  read(windows: readonly number[], refs: readonly SeriesRef[]): readonly ReadonlyMap<SeriesRef, Columns>[] {
    const read = windows.map((windowStartMs) => this.#window(windowStartMs));
    const [only] = refs;
    try {
      if (refs.length === 1 && only !== undefined) this.#loadOne(read, only);
      else for (const window of read) this.#load(window, refs);
    } catch (error) {
      // What could not be read must not look as if there were nothing.
      for (const { startMs } of read) this.#windows.delete(startMs);
      throw error;
    }
    this.#letGo();
    return read.map(({ columns }) => columns);
  }

  /** What there is of a window, most recently read from now on. */
  #window(windowStartMs: number): WindowChunks {
    const window = this.#windows.get(windowStartMs) ?? new WindowChunks(this.#days, windowStartMs);
    this.#windows.delete(windowStartMs);
    this.#windows.set(windowStartMs, window);
    return window;
  }

  #loadOne(windows: readonly WindowChunks[], ref: SeriesRef): void {
    const missing = windows.filter(({ columns }) => !columns.has(ref));
    for (let from = 0, to = 0; from < missing.length; from = to) {
      const first = missing[from];
      if (first === undefined) return;
      const ofDay: WindowChunks[] = [];
      for (; missing[to]?.day === first.day; to++) {
        const window = missing[to];
        if (window !== undefined) ofDay.push(window.none(ref));
      }
      this.#days.reader(first.startMs).chunksOf(
        ref,
        ofDay.map(({ startMs }) => startMs),
        (number, data) => ofDay[number]?.add(ref, data),
      );
    }
  }

  #load(window: WindowChunks, refs: readonly SeriesRef[]): void {
    const missing = refs.filter((ref) => !window.columns.has(ref));
    if (missing.length === 0) return;
    const reader = this.#days.reader(window.startMs);
    for (const ref of missing) window.none(ref);
    for (const [first, last] of refSpans(missing, MAX_GAP)) {
      if (first === last) {
        const data = reader.chunk(window.startMs, first);
        if (data !== undefined) window.add(first, data);
      } else {
        reader.chunks(window.startMs, first, last, (ref, data) => window.add(ref, data));
      }
    }
  }

  /** Lets go of what was not read for longest until there is room. */
  #letGo(): void {
    let bytes = 0;
    for (const each of this.#windows.values()) bytes += each.bytes;
    for (const [oldest, each] of this.#windows) {
      if (bytes <= this.#maxBytes) break;
      bytes -= each.bytes;
      this.#windows.delete(oldest);
    }
  }
}
