import type { SeriesRef } from '../../store.ts';
import { sliceDetails } from '../details/sample-details.ts';
import { type LooseBlock, findRef } from '../head/encoded-blocks.ts';
import type { Head } from '../head/head.ts';
import type { RecentBlocks } from '../recent-blocks.ts';
import type { RowRange } from './row-range.ts';
import type { RunList } from './run.ts';

/** Finds rows of series that no agent's frames carry, in the head and in recent blocks. */
export class LooseRows {
  readonly #head: Head;
  readonly #recent: RecentBlocks;
  readonly #range: RowRange;
  readonly #blocks: readonly LooseBlock[];

  constructor(head: Head, recent: RecentBlocks, range: RowRange) {
    const { startMs, endMs } = range;
    this.#head = head;
    this.#recent = recent;
    this.#range = range;
    this.#blocks = recent.loose.filter(({ oldestMs, newestMs }) => oldestMs <= endMs && newestMs >= startMs);
  }

  addRuns(runs: RunList, ref: SeriesRef): void {
    for (const block of this.#blocks) {
      const at = findRef(block.refs, ref);
      if (at >= 0) this.#addBlockRun(runs, block, at);
    }
    const series = this.#head.loose(ref);
    if (series === undefined || series.count === 0) return;
    const { timestamps, values, count, details } = series;
    const { from, to } = this.#range.search(timestamps, count);
    if (from < to) runs.addPlain(timestamps, values, from, to, false, details?.slice(from, to));
  }

  #addBlockRun(runs: RunList, block: LooseBlock, at: number): void {
    if (block.raw === null) {
      const column = this.#recent.looseColumn(block, at);
      const { from, to } = this.#range.locate(column.timestamps);
      if (from < to) runs.addSealed(column, from, to);
      return;
    }
    const { starts, counts, timestamps, values, details } = block.raw;
    const start = starts[at] ?? 0;
    const { from, to } = this.#range.search(
      timestamps.subarray(start, start + (counts[at] ?? 0)),
      counts[at] ?? 0,
    );
    const ofSeries = details?.[at] ?? null;
    const rows = ofSeries === null ? null : sliceDetails(ofSeries, from, to);
    if (from < to) runs.addPlain(timestamps, values, start + from, start + to, true, rows);
  }
}
