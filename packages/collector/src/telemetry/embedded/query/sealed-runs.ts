import type { SeriesRef } from '../../store.ts';
import { readTimeline } from '../chunk/block-codec.ts';
import { decodeColumn } from '../chunk/column-codec.ts';
import { type EncodedFrames, type LooseBlock, findRef } from '../head/encoded-blocks.ts';
import type { Head } from '../head/head.ts';
import type { RecentBlocks } from '../recent-blocks.ts';
import type { Run } from './gather.ts';
import { lowerBound } from './lower-bound.ts';
import { readPart } from './read-part.ts';

/** The runs of one series that lie in sealed blocks within [startMs, endMs]. */
export function sealedRuns(
  head: Head,
  recent: RecentBlocks,
  ref: SeriesRef,
  startMs: number,
  endMs: number,
): Run[] {
  const runs: Run[] = [];
  for (const set of head.setsOf(ref)) {
    for (const block of set.encoded) addFrames(runs, recent, block, ref, startMs, endMs);
  }
  for (const block of recent.looseBlocks()) addLoose(runs, recent, block, ref, startMs, endMs);
  return runs;
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
  const rows = timestamps.length;
  if ((timestamps[0] ?? 0) > endMs || (timestamps[rows - 1] ?? 0) < startMs) return;
  const from = lowerBound(timestamps, startMs);
  const to = lowerBound(timestamps, endMs + 1);
  if (from === to) return;
  runs.push({
    key: `s${block.id}:${from}:${to}`,
    timestamps,
    from,
    to,
    order() {
      const content = recent.content(block.id, block.location);
      return content.kind === 'frames' ? readTimeline(content.timelineBytes) : null;
    },
    read(out, at) {
      const column = recent.content(block.id, block.location).column(block.set.slotOf(ref));
      readPart(column, rows, from, to, out, at);
    },
  });
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
  if (from === to) return;
  runs.push({
    key: `o${block.id}:${at}:${from}:${to}`,
    timestamps,
    from,
    to,
    order: () => null,
    read: (out, outAt) => out.set(values.subarray(from, to), outAt),
  });
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
  decodeColumn(content.timestamps(at), count, columns.timestamps, 0);
  decodeColumn(content.column(at), count, columns.values, 0);
  return columns;
}
