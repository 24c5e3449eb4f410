import type { SeriesRef } from '../../store.ts';
import type { FrameBlock } from '../head/frame-block.ts';
import type { Head } from '../head/head.ts';
import type { LooseSeries } from '../head/loose-series.ts';
import { lowerBound } from './lower-bound.ts';
import { BlockRun, PlainRun, type Run } from './run.ts';

/** Adds the runs of one series that the head holds within [startMs, endMs]. */
export function addHeadRuns(runs: Run[], head: Head, ref: SeriesRef, startMs: number, endMs: number): void {
  for (const set of head.setsOf(ref)) {
    if (set.blocks.length === 0) continue;
    const slot = set.slotOf(ref);
    for (const block of set.blocks) addBlockRuns(runs, block, slot, startMs, endMs);
  }
  const loose = head.loose(ref);
  if (loose !== undefined && loose.count > 0) addLooseRun(runs, loose, startMs, endMs);
}

function addBlockRuns(runs: Run[], block: FrameBlock, slot: number, startMs: number, endMs: number): void {
  if (block.inOrder) {
    const from = lowerBound(block.timestamps, startMs, block.rows);
    const to = lowerBound(block.timestamps, endMs + 1, block.rows);
    if (from < to) runs.push(new BlockRun(block, slot, from, to));
    return;
  }
  // Rows as they came: each is a run of its own and the gatherer puts them in order.
  for (let row = 0; row < block.rows; row++) {
    const timestamp = block.timestamps[row] ?? 0;
    if (timestamp >= startMs && timestamp <= endMs) runs.push(new BlockRun(block, slot, row, row + 1));
  }
}

function addLooseRun(runs: Run[], series: LooseSeries, startMs: number, endMs: number): void {
  const from = lowerBound(series.timestamps, startMs, series.count);
  const to = lowerBound(series.timestamps, endMs + 1, series.count);
  if (from < to) runs.push(new PlainRun(series.timestamps, series.values, from, to));
}
