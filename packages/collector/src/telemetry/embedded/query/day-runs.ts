import type { SeriesRef } from '../../store.ts';
import { visitSegments } from '../chunk/chunk-segments.ts';
import { decodeColumn } from '../chunk/column-codec.ts';
import { padded } from '../chunk/padded-bytes.ts';
import type { DayStore } from '../day-store.ts';
import { lowerBound } from './lower-bound.ts';
import { EncodedRun, type Run } from './run.ts';

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
        reader.chunks(windowStartMs, first, last, add);
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

/** Adds the runs of one series' chunk within [startMs, endMs]. */
export function addDayRuns(
  runs: Run[],
  days: DayStore,
  { windowStartMs, data }: FoundChunk,
  startMs: number,
  endMs: number,
): void {
  const source = padded(data);
  const timelines = days.timelines(windowStartMs);
  visitSegments(data, {
    shared(number, start, end) {
      const timeline = timelines.get(number) ?? days.readTimeline(windowStartMs, number);
      const { timestamps } = timeline;
      const rows = timestamps.length;
      const from = (timestamps[0] ?? 0) >= startMs ? 0 : lowerBound(timestamps, startMs);
      const to = (timestamps[rows - 1] ?? 0) <= endMs ? rows : lowerBound(timestamps, endMs + 1);
      if (from < to) runs.push(new EncodedRun(timestamps, from, to, timeline, source, start, end));
    },
    own(count, timesStart, timesEnd, start, end) {
      const timestamps = new Float64Array(count);
      decodeColumn(source, timesStart, timesEnd, count, timestamps, 0);
      const from = lowerBound(timestamps, startMs);
      const to = lowerBound(timestamps, endMs + 1);
      if (from < to) runs.push(new EncodedRun(timestamps, from, to, null, source, start, end));
    },
  });
}
