import type { SeriesRef } from '../../store.ts';
import { openDay } from '../chunk/day-file.ts';
import { DayStore } from '../day-store.ts';
import { DAY_MS } from '../head/windows.ts';
import { DayRows } from '../query/day-rows.ts';
import { DecodedColumns } from '../query/decoded-columns.ts';
import { Gatherer } from '../query/gather.ts';
import { gatherDetailed } from '../query/gather-detailed.ts';
import { RowRange } from '../query/row-range.ts';
import { RunList } from '../query/run.ts';
import { ValuePool } from '../query/value-pool.ts';
import { type DaySources, FreshSeries, boundsOf, windowsOf } from './day-sources.ts';
import type { Samples } from './roll-up-samples.ts';

/** The samples of one day, as queries see them, of the series that got any since its sources were known. */
export class DaySamples implements Disposable {
  readonly firstRef: SeriesRef;
  readonly lastRef: SeriesRef;
  readonly #dayStartMs: number;
  readonly #days: DayStore;
  readonly #fresh: FreshSeries;
  /** Each day's samples are read once: nothing is kept of them. */
  readonly #decoded = new DecodedColumns(0);
  readonly #pool = new ValuePool();

  constructor(directory: string, dayStartMs: number, known: DaySources, now: DaySources) {
    this.#dayStartMs = dayStartMs;
    this.#days = new DayStore(directory, 0);
    this.#fresh = new FreshSeries(this.#days, dayStartMs, known, now);
    using day = openDay(directory, dayStartMs, 'read');
    const bounds = windowsOf(dayStartMs).map((windowStartMs) => boundsOf(day, 'chunks', windowStartMs));
    this.firstRef = Math.min(...bounds.map(([first]) => first));
    this.lastRef = Math.max(...bounds.map(([, last]) => last));
  }

  /** Visits those of the series numbered first to last that got samples, with all they have. */
  read(first: SeriesRef, last: SeriesRef, visit: (ref: SeriesRef, samples: Samples) => void): void {
    const refs = this.#fresh.within(first, last);
    if (refs.length === 0) return;
    const { chunks } = this.#days;
    const range = new RowRange(this.#dayStartMs, this.#dayStartMs + DAY_MS - 1);
    const rows = new DayRows(chunks, windowsOf(this.#dayStartMs), refs, range);
    const gatherer = new Gatherer(this.#pool, undefined);
    const list = new RunList(this.#decoded.begin());
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
    this.#pool[Symbol.dispose]();
  }
}
