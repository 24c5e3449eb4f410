import { firstAfter } from '../evaluate/windows.ts';

/** The edges of the range proper. The window is wider: it has the lookback around it too. */
export interface Edges {
  readonly startMs: number;
  readonly endMs: number;
}

/** The first index at or after `time`, at most `most`. */
function firstAtOrAfter(times: Float64Array, time: number, most: number): number {
  let index = 0;
  while (index < most && (times[index] ?? 0) < time) index++;
  return index;
}

/** The samples next to the edges: the last at or before the start, and for `smoothed` the first at or after the end. */
export function edgeIndexes(
  times: Float64Array,
  edges: Edges,
  smoothed: boolean,
): { first: number; last: number } {
  const newest = times.length - 1;
  const first = Math.max(0, Math.min(newest, firstAfter(times, edges.startMs)) - 1);
  return { first, last: smoothed ? firstAtOrAfter(times, edges.endMs, newest) : newest };
}
