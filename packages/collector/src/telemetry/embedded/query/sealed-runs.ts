import type { SeriesRef } from '../../store.ts';
import { readTimeline } from '../chunk/block-codec.ts';
import { decodeColumn } from '../chunk/column-codec.ts';
import { type EncodedFrames, type LooseBlock, findRef } from '../head/encoded-blocks.ts';
import type { Head } from '../head/head.ts';
import type { RecentBlocks } from '../recent-blocks.ts';
import { lowerBound } from './lower-bound.ts';
import { EncodedRun, PlainRun, type Run } from './run.ts';

/** Adds the runs of one series that lie in sealed blocks within [startMs, endMs]. */
export function addSealedRuns(
  runs: Run[],
  head: Head,
  recent: RecentBlocks,
  ref: SeriesRef,
  startMs: number,
  endMs: number,
): void {
  for (const set of head.setsOf(ref)) {
    for (const block of set.encoded) addFrames(runs, recent, block, ref, startMs, endMs);
  }
  for (const block of recent.loose) addLoose(runs, recent, block, ref, startMs, endMs);
}

function addFrames(
  runs: Run[],
  recent: RecentBlocks,
  block: EncodedFrames,
  ref: SeriesRef,
  startMs: number,
  endMs: number,
): void {
  const { timestamps } = block;
  if ((timestamps[0] ?? 0) > endMs || (timestamps[timestamps.length - 1] ?? 0) < startMs) return;
  const from = lowerBound(timestamps, startMs);
  const to = lowerBound(timestamps, endMs + 1);
  if (from >= to) return;
  const content = recent.content(block.id, block.location);
  if (content.kind !== 'frames')
    throw new Error(`${block.location.file} is not what its record says: run verify`);
  const slot = block.set.slotOf(ref);
  const start = content.ends[slot] ?? 0;
  const end = content.ends[slot + 1] ?? 0;
  if (start === end) return;
  const order = () => readTimeline(content.timelineBytes);
  runs.push(new EncodedRun(timestamps, from, to, order, content.source, start, end));
}

function addLoose(
  runs: Run[],
  recent: RecentBlocks,
  block: LooseBlock,
  ref: SeriesRef,
  startMs: number,
  endMs: number,
): void {
  if (block.oldestMs > endMs || block.newestMs < startMs) return;
  const at = findRef(block.refs, ref);
  if (at < 0) return;
  const { timestamps, values } = looseColumns(recent, block, at);
  const from = lowerBound(timestamps, startMs);
  const to = lowerBound(timestamps, endMs + 1);
  if (from < to) runs.push(new PlainRun(timestamps, values, from, to));
}

function looseColumns(
  recent: RecentBlocks,
  block: LooseBlock,
  at: number,
): { readonly timestamps: Float64Array; readonly values: Float64Array } {
  if (block.raw !== null) {
    const start = block.raw.starts[at] ?? 0;
    const end = start + (block.raw.counts[at] ?? 0);
    return {
      timestamps: block.raw.timestamps.subarray(start, end),
      values: block.raw.values.subarray(start, end),
    };
  }
  const content = block.location === null ? null : recent.content(block.id, block.location);
  if (content?.kind !== 'loose') throw new Error(`block ${block.id} is not what its record says: run verify`);
  const count = content.counts[at] ?? 0;
  const columns = { timestamps: new Float64Array(count), values: new Float64Array(count) };
  const [start = 0, middle = 0, end = 0] = content.ends.subarray(at * 2, at * 2 + 3);
  decodeColumn(content.source, start, middle, count, columns.timestamps, 0);
  decodeColumn(content.source, middle, end, count, columns.values, 0);
  return columns;
}
