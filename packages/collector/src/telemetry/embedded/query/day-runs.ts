import type { SeriesRef } from '../../store.ts';
import { type ChunkSegment, readSegments } from '../chunk/chunk-segments.ts';
import { decodeColumn } from '../chunk/column-codec.ts';
import type { DayStore } from '../day-store.ts';
import type { Run } from './gather.ts';
import { lowerBound } from './lower-bound.ts';
import { readPart } from './read-part.ts';

/** Series further apart than this are looked up one by one instead of being read past. */
const MAX_GAP = 2;

/** One window's chunk of a series. */
export interface FoundChunk {
  readonly windowStartMs: number;
  readonly data: Uint8Array;
}

/** Reads the chunks of many series (ascending refs) in the windows asked for. */
export function readChunks(
  days: DayStore,
  windows: readonly number[],
  refs: readonly SeriesRef[],
): ReadonlyMap<SeriesRef, readonly FoundChunk[]> {
  const found = new Map<SeriesRef, FoundChunk[]>();
  const spans = spansOf(refs);
  for (const windowStartMs of windows) {
    const reader = days.reader(windowStartMs);
    const add = (ref: SeriesRef, data: Uint8Array): void => {
      const chunks = found.get(ref);
      if (chunks === undefined) found.set(ref, [{ windowStartMs, data }]);
      else chunks.push({ windowStartMs, data });
    };
    for (const [first, last] of spans) {
      if (first === last) {
        const data = reader.chunk(windowStartMs, first);
        if (data !== undefined) add(first, data);
      } else {
        for (const [ref, data] of reader.chunks(windowStartMs, first, last)) add(ref, data);
      }
    }
  }
  return found;
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

/** The runs of one series' chunk within [startMs, endMs]. */
export function addDayRuns(
  runs: Run[],
  days: DayStore,
  chunk: FoundChunk,
  startMs: number,
  endMs: number,
): void {
  for (const segment of readSegments(chunk.data)) {
    if (segment.timestamps === null) addShared(runs, days, chunk.windowStartMs, segment, startMs, endMs);
    else addOwn(runs, chunk.windowStartMs, segment, segment.timestamps, startMs, endMs);
  }
}

function addShared(
  runs: Run[],
  days: DayStore,
  windowStartMs: number,
  { timeline: number, column }: ChunkSegment,
  startMs: number,
  endMs: number,
): void {
  const timeline = days.timeline(windowStartMs, number);
  const { timestamps } = timeline;
  const rows = timestamps.length;
  const from = (timestamps[0] ?? 0) >= startMs ? 0 : lowerBound(timestamps, startMs);
  const to = (timestamps[rows - 1] ?? 0) <= endMs ? rows : lowerBound(timestamps, endMs + 1);
  if (from >= to) return;
  runs.push({
    key: `d${windowStartMs}:${number}:${from}:${to}`,
    timestamps,
    from,
    to,
    order: () => timeline,
    read: (out, at) => readPart(column, rows, from, to, out, at),
  });
}

function addOwn(
  runs: Run[],
  windowStartMs: number,
  { count, column }: ChunkSegment,
  encodedTimes: Uint8Array,
  startMs: number,
  endMs: number,
): void {
  const timestamps = new Float64Array(count);
  decodeColumn(encodedTimes, count, timestamps, 0);
  const from = lowerBound(timestamps, startMs);
  const to = lowerBound(timestamps, endMs + 1);
  if (from >= to) return;
  runs.push({
    key: `w${windowStartMs}:${nextOwnKey++}`,
    timestamps,
    from,
    to,
    order: () => null,
    read: (out, at) => readPart(column, count, from, to, out, at),
  });
}

/** Times of their own are never shared: each such run gets a key of its own. */
let nextOwnKey = 0;
