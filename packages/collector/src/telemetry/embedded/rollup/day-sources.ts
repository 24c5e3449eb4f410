import type { DatabaseSync } from 'node:sqlite';
import type { SeriesRef } from '../../store.ts';
import { visitSegments } from '../chunk/chunk-segments.ts';
import { dayKey, openDay } from '../chunk/day-file.ts';
import type { DayStore } from '../day-store.ts';
import { DAY_MS, WINDOW_MS } from '../head/windows.ts';

const MAX_NUMBER = 2 ** 32 - 1;

/**
 * How many blocks were merged into each window of a day. They are numbered and never taken out again, so this tells
 * what of the day came later.
 */
export type DaySources = readonly number[];

export function readSources(directory: string, dayStartMs: number): DaySources {
  using day = openDay(directory, dayStartMs, 'read');
  return windowsOf(dayStartMs).map((windowStartMs) =>
    Math.max(0, boundsOf(day, 'timelines', windowStartMs)[1]),
  );
}

export function windowsOf(dayStartMs: number): number[] {
  return Array.from({ length: DAY_MS / WINDOW_MS }, (_, i) => dayStartMs + i * WINDOW_MS);
}

/** The first and last number a window has in a table; the first above the last where it has none. */
export function boundsOf(
  day: DatabaseSync,
  table: 'chunks' | 'timelines',
  windowStartMs: number,
): readonly [first: number, last: number] {
  const base = dayKey(windowStartMs, 0);
  const row = day
    .prepare(`SELECT min(id) AS first, max(id) AS last FROM ${table} WHERE id BETWEEN ? AND ?`)
    .get(base, base + MAX_NUMBER);
  if (row === undefined || row['first'] === null) return [Infinity, -Infinity];
  return [Number(row['first']) - base, Number(row['last']) - base];
}

/** Finds the series that blocks merged into a day since brought samples of. Decodes none of them. */
export class FreshSeries {
  readonly #days: DayStore;
  /** The windows that blocks were merged into, with the number of those known. */
  readonly #windows: readonly (readonly [windowStartMs: number, known: number])[];

  constructor(days: DayStore, dayStartMs: number, known: DaySources, now: DaySources) {
    this.#days = days;
    this.#windows = windowsOf(dayStartMs).flatMap((windowStartMs, i) => {
      const before = known[i] ?? 0;
      return before === now[i] ? [] : [[windowStartMs, before] as const];
    });
  }

  within(first: SeriesRef, last: SeriesRef): SeriesRef[] {
    const fresh = new Set<SeriesRef>();
    for (const [windowStartMs, known] of this.#windows) {
      this.#days.reader(windowStartMs).chunks(windowStartMs, first, last, (ref, data) => {
        if (hasNewer(data, known)) fresh.add(ref);
      });
    }
    return [...fresh].sort((a, b) => a - b);
  }
}

/** Segments with times of their own do not say which block they came from: any of them may be new. */
function hasNewer(chunk: Uint8Array, known: number): boolean {
  let newer = false;
  visitSegments(chunk, {
    shared: (timeline) => {
      if (timeline > known) newer = true;
    },
    own: () => {
      newer = true;
    },
    detailed: () => {
      newer = true;
    },
  });
  return newer;
}
