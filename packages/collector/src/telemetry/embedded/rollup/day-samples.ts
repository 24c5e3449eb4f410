import type { DatabaseSync } from 'node:sqlite';
import type { SeriesRef } from '../../store.ts';
import { dayKey, openDay } from '../chunk/day-file.ts';
import { DayStore } from '../day-store.ts';
import { DAY_MS, WINDOW_MS } from '../head/windows.ts';
import { DayRows } from '../query/day-rows.ts';
import { DecodedColumns } from '../query/decoded-columns.ts';
import { Gatherer } from '../query/gather.ts';
import { gatherDetailed } from '../query/gather-detailed.ts';
import { RowRange } from '../query/row-range.ts';
import { RunList } from '../query/run.ts';
import { ValuePool } from '../query/value-pool.ts';
import type { Samples } from './roll-up-samples.ts';

const MAX_NUMBER = 2 ** 32 - 1;

/** The samples of one day, as queries see them, series by series. */
export class DaySamples implements Disposable {
  readonly firstRef: SeriesRef;
  readonly lastRef: SeriesRef;
  readonly #dayStartMs: number;
  readonly #days: DayStore;
  readonly #decoded = new DecodedColumns();
  readonly #pool = new ValuePool();

  constructor(directory: string, dayStartMs: number) {
    this.#dayStartMs = dayStartMs;
    this.#days = new DayStore(directory);
    using day = openDay(directory, dayStartMs, 'read');
    const bounds = windowsOf(dayStartMs).map((windowStartMs) => boundsOf(day, 'chunks', windowStartMs));
    this.firstRef = Math.min(...bounds.map(([first]) => first));
    this.lastRef = Math.max(...bounds.map(([, last]) => last));
  }

  /** Visits those of the series numbered first to last that have samples. */
  read(first: SeriesRef, last: SeriesRef, visit: (ref: SeriesRef, samples: Samples) => void): void {
    const refs = Array.from({ length: last - first + 1 }, (_, i) => first + i);
    const { chunks } = this.#days;
    const range = new RowRange(this.#dayStartMs, this.#dayStartMs + DAY_MS - 1);
    const rows = new DayRows(chunks, windowsOf(this.#dayStartMs), refs, range);
    const gatherer = new Gatherer(this.#pool, undefined);
    const list = new RunList(this.#decoded);
    this.#decoded.begin();
    for (const ref of refs) {
      list.clear();
      rows.addRuns(list, ref);
      const samples = list.detailed ? gatherDetailed(list.runs) : gatherer.gather(list.runs);
      if (samples !== null) visit(ref, samples);
    }
    this.#pool.give(gatherer.slabs);
    chunks.changed();
  }

  [Symbol.dispose](): void {
    this.#days[Symbol.dispose]();
    this.#decoded[Symbol.dispose]();
  }
}

/** How many blocks were merged into a day: what was rolled up of fewer is of older content. */
export function countSources(directory: string, dayStartMs: number): number {
  using day = openDay(directory, dayStartMs, 'read');
  let sources = 0;
  for (const windowStartMs of windowsOf(dayStartMs))
    sources += Math.max(0, boundsOf(day, 'timelines', windowStartMs)[1]);
  return sources;
}

function windowsOf(dayStartMs: number): number[] {
  return Array.from({ length: DAY_MS / WINDOW_MS }, (_, i) => dayStartMs + i * WINDOW_MS);
}

/** The first and last number a window has in a table; the first above the last where it has none. */
function boundsOf(
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
