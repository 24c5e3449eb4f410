import type { SelectRequest, SeriesColumns } from '@plimsoll/promql';
import type { SeriesRef } from '../../store.ts';
import type { Deletions } from '../deletion/deletions.ts';
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
import { withoutDeleted, withoutDeletedBuckets } from './without-deleted.ts';

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
  const { index, deletions } = samples;
  const refs = matchSeries(index, request.matchers);
  const rollups = samples.rollups.read(request, refs);
  // Late samples of a day that was dropped are but a few of it: its rollups stand for it.
  const startMs = rollups === null ? request.startMs : Math.max(request.startMs, samples.rollups.untilMs);
  const found: SeriesColumns[] = [];
  const { columns: read, slabs } = readSeries(samples, refs, { ...request, startMs }, signal);
  for (let i = 0; i < refs.length; i++) {
    const ref = refs[i] ?? 0;
    const columns = read[i] ?? null;
    const labels = index.labels(ref);
    if (labels === undefined) continue;
    const all = rollups?.get(ref);
    const deleted = all && deletions.of(ref);
    const rollup = all && deleted ? withoutDeletedBuckets(all, deleted) : all;
    if (rollup !== undefined) found.push({ labels, ...(columns ?? NO_SAMPLES), rollup });
    else if (columns === null) continue;
    else if (columns.histograms || columns.startTimestamps) found.push({ labels, ...columns });
    // Written out, because a query has thousands of these and copying by name costs more than reading.
    else found.push({ labels, timestamps: columns.timestamps, values: columns.values });
  }
  slabsOf.set(found, slabs);
  return found;
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
  { startMs, endMs, instants }: Pick<SelectRequest, 'startMs' | 'endMs' | 'instants'>,
  signal?: AbortSignal,
): ReadSeries {
  const { head, recent, days, deletions, decoded } = samples;
  const windows = days.windowsWithin(startMs, endMs);
  const range = new RowRange(startMs, endMs);
  const frames = new FrameRows(head, recent, range);
  const loose = new LooseRows(head, recent, range);
  const gatherer = new Gatherer(samples.pool, instants);
  // Where the newest sample was deleted, an older one counts.
  const every = new Gatherer(samples.pool, undefined);
  const list = new RunList(decoded);
  const anyDeleted = deletions.size > 0;
  const read: ReadSeries['columns'][number][] = [];
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
      const deleted = anyDeleted ? deletions.of(ref) : undefined;
      const gathering = deleted === undefined ? gatherer : every;
      const columns = list.detailed ? gatherDetailed(list.runs) : gathering.gather(list.runs);
      read.push(deleted === undefined || columns === null ? columns : withoutDeleted(columns, deleted));
    }
  }
  return { columns: read, slabs: [...gatherer.slabs, ...every.slabs] };
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
