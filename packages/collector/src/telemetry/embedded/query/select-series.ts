import type { SelectRequest, SeriesColumns } from '@plimsoll/promql';
import type { SeriesRef } from '../../store.ts';
import type { DayStore } from '../day-store.ts';
import type { Head } from '../head/head.ts';
import { matchSeries } from '../index/match-series.ts';
import type { SeriesIndex } from '../index/series-index.ts';
import type { RecentBlocks } from '../recent-blocks.ts';
import type { RollupStore } from '../rollup/rollup-store.ts';
import { DayRows } from './day-rows.ts';
import type { DecodedColumns } from './decoded-columns.ts';
import { FrameRows } from './frame-rows.ts';
import { Gatherer } from './gather.ts';
import { gatherDetailed } from './gather-detailed.ts';
import { LooseRows } from './loose-rows.ts';
import { RowRange } from './row-range.ts';
import { RunList } from './run.ts';
import type { ValuePool } from './value-pool.ts';

/** Everywhere samples can be: not sealed, sealed a while ago, and in the days' files; and what reading keeps. */
export interface Samples {
  readonly index: SeriesIndex;
  readonly head: Head;
  readonly recent: RecentBlocks;
  readonly days: DayStore;
  readonly rollups: RollupStore;
  readonly decoded: DecodedColumns;
  readonly pool: ValuePool;
}

/** Memory that answers were given and that can be given back. */
const slabsOf = new WeakMap<readonly SeriesColumns[], readonly Float64Array<ArrayBuffer>[]>();

/** Series whose chunks are read together; bounds the memory of one query beside its result. */
const SERIES_PER_READ = 4096;

const NO_SAMPLES = { timestamps: new Float64Array(0), values: new Float64Array(0) };

/** Reads the samples of all matching series in [startMs, endMs]; series without any are left out. */
export function selectSeries(
  samples: Samples,
  request: SelectRequest,
  signal: AbortSignal | undefined,
): SeriesColumns[] {
  const { endMs } = request;
  const { index, head, recent, days, decoded } = samples;
  const refs = matchSeries(index, request.matchers);
  const rollups = samples.rollups.read(request, refs);
  // Late samples of a day that was dropped are but a few of it: its rollups stand for it.
  const startMs = rollups === null ? request.startMs : Math.max(request.startMs, samples.rollups.untilMs);
  const windows = days.windowsWithin(startMs, endMs);
  const range = new RowRange(startMs, endMs);
  const frames = new FrameRows(head, recent, range);
  const loose = new LooseRows(head, recent, range);
  const gatherer = new Gatherer(samples.pool, request.instants);
  const list = new RunList(decoded);
  const found: SeriesColumns[] = [];
  decoded.begin();
  for (let first = 0; first < refs.length; first += SERIES_PER_READ) {
    signal?.throwIfAborted();
    const part = refs.length <= SERIES_PER_READ ? refs : refs.slice(first, first + SERIES_PER_READ);
    const stored = windows.length === 0 ? null : new DayRows(days.chunks, windows, part, range);
    for (const ref of part) {
      list.clear();
      stored?.addRuns(list, ref);
      frames.addRuns(list, ref);
      loose.addRuns(list, ref);
      const labels = index.labels(ref);
      if (labels === undefined) continue;
      const columns = list.detailed ? gatherDetailed(list.runs) : gatherer.gather(list.runs);
      const rollup = rollups?.get(ref);
      if (rollup !== undefined) found.push({ labels, ...(columns ?? NO_SAMPLES), rollup });
      else if (columns !== null) found.push({ labels, ...columns });
    }
  }
  slabsOf.set(found, gatherer.slabs);
  return found;
}

/** Takes the memory of an answer back that nobody looks at any more. */
export function releaseSeries({ pool }: Samples, answer: readonly SeriesColumns[]): void {
  pool.give(slabsOf.get(answer) ?? []);
  slabsOf.delete(answer);
}

/** Tells of series whether they have a row in [startMs, endMs], without decoding any. */
export function rowFinder(samples: Samples, startMs: number, endMs: number): (ref: SeriesRef) => boolean {
  const { head, recent, days, decoded } = samples;
  const range = new RowRange(startMs, endMs);
  const frames = new FrameRows(head, recent, range);
  const loose = new LooseRows(head, recent, range);
  const list = new RunList(decoded);
  const windows = days.windowsWithin(startMs, endMs);
  const hasRollups = samples.rollups.finder(startMs, endMs);
  return (ref) => {
    list.clear();
    frames.addRuns(list, ref);
    loose.addRuns(list, ref);
    if (list.runs.length > 0 || hasRollups(ref)) return true;
    return windows.some(
      (windowStartMs) => days.reader(windowStartMs).chunk(windowStartMs, ref) !== undefined,
    );
  };
}
