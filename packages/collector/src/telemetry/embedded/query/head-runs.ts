import type { SeriesRef } from '../../store.ts';
import type { FrameBlock } from '../head/frame-block.ts';
import type { Head } from '../head/head.ts';
import type { LooseSeries } from '../head/loose-series.ts';
import type { Run } from './gather.ts';
import { lowerBound } from './lower-bound.ts';

/** The runs of one series that the head holds within [startMs, endMs]. */
export function headRuns(head: Head, ref: SeriesRef, startMs: number, endMs: number): Run[] {
  const runs: Run[] = [];
  for (const set of head.setsOf(ref)) {
    const slot = set.slotOf(ref);
    for (const block of set.blocks) addBlockRuns(runs, block, slot, startMs, endMs);
  }
  const loose = head.loose(ref);
  if (loose !== undefined && loose.count > 0) addLooseRun(runs, loose, startMs, endMs);
  return runs;
}

function addBlockRuns(runs: Run[], block: FrameBlock, slot: number, startMs: number, endMs: number): void {
  if (block.inOrder) {
    const from = lowerBound(block.timestamps, startMs, block.rows);
    const to = lowerBound(block.timestamps, endMs + 1, block.rows);
    if (from < to) runs.push(blockRun(block, slot, from, to));
    return;
  }
  // Rows as they came: each is a run of its own and the gatherer puts them in order.
  for (let row = 0; row < block.rows; row++) {
    const timestamp = block.timestamps[row] ?? 0;
    if (timestamp >= startMs && timestamp <= endMs) runs.push(blockRun(block, slot, row, row + 1));
  }
}

function blockRun(block: FrameBlock, slot: number, from: number, to: number): Run {
  const stride = block.set.refs.length;
  return {
    key: `b${block.id}:${from}:${to}`,
    timestamps: block.timestamps,
    from,
    to,
    order: () => block,
    read(out, at) {
      const { values } = block;
      for (let row = from; row < to; row++) {
        const index = row * stride + slot;
        const value = values[index] ?? 0;
        // A NaN is copied as memory: its payload says what it means.
        if (Number.isNaN(value)) out.set(values.subarray(index, index + 1), at + row - from);
        else out[at + row - from] = value;
      }
    },
  };
}

function addLooseRun(runs: Run[], series: LooseSeries, startMs: number, endMs: number): void {
  const from = lowerBound(series.timestamps, startMs, series.count);
  const to = lowerBound(series.timestamps, endMs + 1, series.count);
  if (from === to) return;
  runs.push({
    key: `l${series.ref}:${from}:${to}`,
    timestamps: series.timestamps,
    from,
    to,
    order: () => null,
    read: (out, at) => out.set(series.values.subarray(from, to), at),
  });
}
