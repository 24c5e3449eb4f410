import type { SelectRequest, SeriesColumns } from '@plimsoll/promql';
import type { TimeSlice } from '../../../time-slice.ts';
import type { SeriesRef } from '../../store.ts';
import { DayRows } from './day-rows.ts';
import { FrameRows } from './frame-rows.ts';
import { Gatherer } from './gather.ts';
import { gatherDetailed } from './gather-detailed.ts';
import { LooseRows } from './loose-rows.ts';
import { RowRange } from './row-range.ts';
import { RunList } from './run.ts';
import type { Samples } from './stored-samples.ts';
import { withoutDeleted } from './without-deleted.ts';

/** Chunks of the days' files that are read together: a few milliseconds of work. */
const CHUNKS_PER_PART = 512;

/** What was read of series, in their order, and the memory their values lie in, for the pool. */
export interface ReadSeries {
  /** Null for series without samples. */
  readonly columns: readonly (Omit<SeriesColumns, 'labels'> | null)[];
  readonly slabs: readonly Float64Array<ArrayBuffer>[];
}

/** Where samples are at one moment. */
interface Places {
  /** Windows of the days' files. */
  readonly windows: readonly number[];
  readonly frames: FrameRows;
  readonly loose: LooseRows;
}

/** Reads series part by part. Blocks may be sealed, merged and dropped between parts: `renew` before the next one. */
export class SeriesRead implements ReadSeries {
  readonly columns: ReadSeries['columns'][number][] = [];
  readonly #samples: Samples;
  readonly #refs: readonly SeriesRef[];
  readonly #range: RowRange;
  readonly #list: RunList;
  readonly #gatherer: Gatherer;
  /** Where the newest sample was deleted, an older one counts. */
  #every: Gatherer | undefined;
  #places: Places;

  /** Reads `refs` (ascending) in [startMs, endMs]. */
  constructor(
    samples: Samples,
    refs: readonly SeriesRef[],
    { startMs, endMs, instants }: Pick<SelectRequest, 'startMs' | 'endMs' | 'instants'>,
  ) {
    this.#samples = samples;
    this.#refs = refs;
    this.#range = new RowRange(startMs, endMs);
    this.#list = new RunList(samples.decoded.begin());
    this.#gatherer = new Gatherer(samples.pool, instants);
    this.#places = this.#find();
  }

  get slabs(): ReadSeries['slabs'] {
    return [...this.#gatherer.slabs, ...(this.#every?.slabs ?? [])];
  }

  /** Reads the next part, up to the end of the slice; false when all is read. */
  next(slice?: TimeSlice): boolean {
    const { days, deletions } = this.#samples;
    const { windows, frames, loose } = this.#places;
    const list = this.#list;
    const part = this.#part();
    const stored = windows.length === 0 ? null : new DayRows(days.chunks, windows, part, this.#range);
    for (const ref of part) {
      list.clear();
      stored?.addRuns(list, ref);
      frames.addRuns(list, ref);
      loose.addRuns(list, ref);
      const deleted = deletions.size > 0 ? deletions.of(ref) : undefined;
      const gathering = deleted === undefined ? this.#gatherer : this.#everyRow();
      const columns = list.detailed ? gatherDetailed(list.runs) : gathering.gather(list.runs);
      this.columns.push(
        deleted === undefined || columns === null ? columns : withoutDeleted(columns, deleted),
      );
      if (slice?.over === true) break;
    }
    return this.columns.length < this.#refs.length;
  }

  /** Reads all of them at once. */
  all(): ReadSeries {
    let left = true;
    while (left) left = this.next();
    return this;
  }

  /** Looks again where samples are, after others had their turn. */
  renew(): void {
    this.#places = this.#find();
  }

  #everyRow(): Gatherer {
    return (this.#every ??= new Gatherer(this.#samples.pool, undefined));
  }

  #part(): readonly SeriesRef[] {
    const count = Math.ceil(CHUNKS_PER_PART / (this.#places.windows.length + 1));
    const first = this.columns.length;
    return first === 0 && this.#refs.length <= count ? this.#refs : this.#refs.slice(first, first + count);
  }

  #find(): Places {
    const { head, recent, days } = this.#samples;
    const { startMs, endMs } = this.#range;
    return {
      windows: days.windowsWithin(startMs, endMs),
      frames: new FrameRows(head, recent, this.#range),
      loose: new LooseRows(head, recent, this.#range),
    };
  }
}
