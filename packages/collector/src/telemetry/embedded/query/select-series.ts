import type { SelectRequest, SeriesColumns } from '@plimsoll/promql';
import { TimeSlice } from '../../../time-slice.ts';
import type { SeriesRef } from '../../store.ts';
import type { Deletions } from '../deletion/deletions.ts';
import type { DayStore } from '../day-store.ts';
import type { Head } from '../head/head.ts';
import { matchSeries } from '../index/match-series.ts';
import type { SeriesIndex } from '../index/series-index.ts';
import type { RecentBlocks } from '../recent-blocks.ts';
import type { RollupStore } from '../rollup/rollup-store.ts';
import type { DecodedColumns } from './decoded-columns.ts';
import { FrameRows } from './frame-rows.ts';
import { LooseRows } from './loose-rows.ts';
import { RowRange } from './row-range.ts';
import { RunList } from './run.ts';
import { SeriesRead } from './series-read.ts';
import type { ValuePool } from './value-pool.ts';
import { withoutDeletedBuckets } from './without-deleted.ts';

/** Everywhere samples can be: not sealed, sealed a while ago, in the days' files and in rollups; and what was deleted. */
export interface StoredSamples {
  readonly index: SeriesIndex;
  readonly head: Head;
  readonly recent: RecentBlocks;
  readonly days: DayStore;
  readonly rollups: RollupStore;
  readonly deletions: Deletions;
}

/** The samples, and what reading keeps. */
export interface Samples extends StoredSamples {
  readonly decoded: DecodedColumns;
  readonly pool: ValuePool;
  /** Aborted when the store closes: reads that rest end then. */
  readonly closing: AbortSignal;
}

/** Memory that answers were given and that can be given back. */
const slabsOf = new WeakMap<readonly SeriesColumns[], readonly Float64Array<ArrayBuffer>[]>();

type Rollups = ReturnType<RollupStore['read']>;

const NO_SAMPLES = { timestamps: new Float64Array(0), values: new Float64Array(0) };

/**
 * Reads the samples of all matching series in [startMs, endMs]; series without any are left out. A long read rests now
 * and then: what is written meanwhile may be in the answer for some series and not for others.
 */
export async function selectSeries(
  samples: Samples,
  request: SelectRequest,
  signal: AbortSignal | undefined,
): Promise<SeriesColumns[]> {
  const slice = new TimeSlice();
  const { untilMs } = samples.rollups;
  const refs = matchSeries(samples.index, request.matchers);
  const rollups = samples.rollups.read(request, refs);
  // Late samples of a day that was dropped are but a few of it: its rollups stand for it.
  const startMs = rollups === null ? request.startMs : Math.max(request.startMs, samples.rollups.untilMs);
  const read = new SeriesRead(samples, refs, { ...request, startMs });
  while (read.next(slice)) {
    if (!slice.over) continue;
    await slice.rest();
    signal?.throwIfAborted();
    samples.closing.throwIfAborted();
    if (samples.rollups.untilMs !== untilMs) {
      // Rollups have taken a day's place: what was not read yet is behind them now.
      samples.pool.give(read.slabs);
      return selectSeries(samples, request, signal);
    }
    read.renew();
  }
  const found = answerOf(samples, refs, read.columns, rollups);
  slabsOf.set(found, read.slabs);
  return found;
}

/** What was read of series, with their labels and, in front of it, their rollups. */
function answerOf(
  { index, deletions }: Samples,
  refs: readonly SeriesRef[],
  read: ReadSeries['columns'],
  rollups: Rollups,
): SeriesColumns[] {
  const found: SeriesColumns[] = [];
  for (let i = 0; i < refs.length; i++) {
    const ref = refs[i] ?? 0;
    const columns = read[i] ?? null;
    const rollup = rollupOf(ref, rollups, deletions);
    if (rollup === undefined && columns === null) continue;
    const labels = index.labels(ref);
    if (labels === undefined) continue;
    if (rollup !== undefined) found.push({ labels, ...(columns ?? NO_SAMPLES), rollup });
    else if (columns === null) continue;
    else if (columns.histograms || columns.startTimestamps) found.push({ labels, ...columns });
    // Written out, because a query has thousands of these and copying by name costs more than reading.
    else found.push({ labels, timestamps: columns.timestamps, values: columns.values });
  }
  return found;
}

function rollupOf(ref: SeriesRef, rollups: Rollups, deletions: Deletions): SeriesColumns['rollup'] {
  const all = rollups?.get(ref);
  const deleted = all && deletions.of(ref);
  return all && deleted ? withoutDeletedBuckets(all, deleted) : all;
}

/** What was read of series, in their order, and the memory their values lie in, for the pool. */
export interface ReadSeries {
  readonly columns: readonly (Omit<SeriesColumns, 'labels'> | null)[];
  readonly slabs: readonly Float64Array<ArrayBuffer>[];
}

/** Reads the samples of series (ascending refs) in [startMs, endMs]; null for those that have none. */
export function readSeries(
  samples: Samples,
  refs: readonly SeriesRef[],
  asked: Pick<SelectRequest, 'startMs' | 'endMs' | 'instants'>,
): ReadSeries {
  const read = new SeriesRead(samples, refs, asked);
  while (read.next());
  return read;
}

/** Takes the memory of an answer back that nobody looks at any more. */
export function releaseSeries({ pool }: Samples, answer: readonly SeriesColumns[]): void {
  pool.give(slabsOf.get(answer) ?? []);
  slabsOf.delete(answer);
}

/** Tells of series whether they have a row in [startMs, endMs], without decoding any where nothing was deleted. */
export function rowFinder(samples: Samples, startMs: number, endMs: number): (ref: SeriesRef) => boolean {
  const { days, deletions } = samples;
  const hasOpenRow = openRowFinder(samples, startMs, endMs);
  const windows = days.windowsWithin(startMs, endMs);
  const hasRollups = samples.rollups.finder(startMs, endMs);
  return (ref) => {
    if (hasRollups(ref)) return true;
    if (deletions.of(ref) !== undefined) return hasRowLeft(samples, ref, startMs, endMs);
    if (hasOpenRow(ref)) return true;
    return windows.some(
      (windowStartMs) => days.reader(windowStartMs).chunk(windowStartMs, ref) !== undefined,
    );
  };
}

/** Tells of series whether they have a row in [startMs, endMs] that is not in a day's file, deleted or not. */
export function openRowFinder(
  { head, recent, decoded }: Samples,
  startMs: number,
  endMs: number,
): (ref: SeriesRef) => boolean {
  const range = new RowRange(startMs, endMs);
  const frames = new FrameRows(head, recent, range);
  const loose = new LooseRows(head, recent, range);
  const list = new RunList(decoded);
  return (ref) => {
    list.clear();
    frames.addRuns(list, ref);
    loose.addRuns(list, ref);
    return list.runs.length > 0;
  };
}

function hasRowLeft(samples: Samples, ref: SeriesRef, startMs: number, endMs: number): boolean {
  const { columns, slabs } = readSeries(samples, [ref], { startMs, endMs });
  samples.pool.give(slabs);
  return columns[0] !== null;
}
