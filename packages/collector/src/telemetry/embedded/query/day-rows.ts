import type { SeriesRef } from '../../store.ts';
import type { DayChunks } from './day-chunks.ts';
import { RowRange } from './row-range.ts';
import type { RunList } from './run.ts';
import type { SealedColumn } from './sealed-column.ts';

/** Finds rows in the days' files. */
export class DayRows {
  readonly #windows: readonly ReadonlyMap<SeriesRef, readonly SealedColumn[]>[];
  readonly #range: RowRange;

  /** Reads the chunks of these series (ascending) at once. */
  constructor(chunks: DayChunks, windows: readonly number[], refs: readonly SeriesRef[], range: RowRange) {
    this.#windows = chunks.read(windows, refs);
    this.#range = range;
  }

  addRuns(runs: RunList, ref: SeriesRef): void {
    for (const window of this.#windows) {
      for (const column of window.get(ref) ?? []) {
        const range = this.#range.locate(column.timestamps);
        if (range.from < range.to) runs.addSealed(column, range.from, range.to);
      }
    }
  }
}
