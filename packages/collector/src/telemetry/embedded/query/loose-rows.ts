import type { SeriesRef } from '../../store.ts';
import { type LooseBlock, findRef } from '../head/encoded-blocks.ts';
import type { Head } from '../head/head.ts';
import type { RecentBlocks } from '../recent-blocks.ts';
import type { DecodedColumns } from './decoded-columns.ts';
import type { RowRange } from './row-range.ts';
import { PlainRun, type Run, SealedRun } from './run.ts';

/** Finds rows of series that no agent's frames carry, in the head and in recent blocks. */
export class LooseRows {
  readonly #head: Head;
  readonly #recent: RecentBlocks;
  readonly #decoded: DecodedColumns;
  readonly #range: RowRange;
  readonly #blocks: readonly LooseBlock[];

  constructor(head: Head, recent: RecentBlocks, decoded: DecodedColumns, range: RowRange) {
    const { startMs, endMs } = range;
    this.#head = head;
    this.#recent = recent;
    this.#decoded = decoded;
    this.#range = range;
    this.#blocks = recent.loose.filter(({ oldestMs, newestMs }) => oldestMs <= endMs && newestMs >= startMs);
  }

  addRuns(runs: Run[], ref: SeriesRef): void {
    for (const block of this.#blocks) {
      const at = findRef(block.refs, ref);
      if (at >= 0) this.#addBlockRun(runs, block, at);
    }
    const series = this.#head.loose(ref);
    if (series === undefined || series.count === 0) return;
    const { timestamps, values, count } = series;
    const { from, to } = this.#range.search(timestamps, count);
    if (from < to) runs.push(new PlainRun(timestamps, values, from, to, false));
  }

  #addBlockRun(runs: Run[], block: LooseBlock, at: number): void {
    if (block.raw === null) {
      const column = this.#recent.looseColumn(block, at);
      const { from, to } = this.#range.locate(column.timestamps);
      if (from < to) runs.push(new SealedRun(column, from, to, this.#decoded));
      return;
    }
    const { starts, counts, timestamps, values } = block.raw;
    const start = starts[at] ?? 0;
    const { from, to } = this.#range.search(
      timestamps.subarray(start, start + (counts[at] ?? 0)),
      counts[at] ?? 0,
    );
    if (from < to) runs.push(new PlainRun(timestamps, values, start + from, start + to, true));
  }
}
