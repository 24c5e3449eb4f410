import type { SelectRequest, SeriesColumns } from '@plimsoll/promql';
import type { SeriesRef } from '../../store.ts';
import type { DayStore } from '../day-store.ts';
import type { Head } from '../head/head.ts';
import { matchSeries } from '../index/match-series.ts';
import type { SeriesIndex } from '../index/series-index.ts';
import type { RecentBlocks } from '../recent-blocks.ts';
import { type FoundChunk, addDayRuns, readChunks } from './day-runs.ts';
import { Gatherer } from './gather.ts';
import { addHeadRuns } from './head-runs.ts';
import { OpenRows } from './open-rows.ts';
import type { Run } from './run.ts';
import { addSealedRuns } from './sealed-runs.ts';

/** Everywhere samples can be: not sealed, sealed a while ago, and in the days' files. */
export interface Samples {
  readonly index: SeriesIndex;
  readonly head: Head;
  readonly recent: RecentBlocks;
  readonly days: DayStore;
}

/** Series whose chunks are read together; bounds the memory of one query beside its result. */
const SERIES_PER_READ = 4096;

const NO_CHUNKS: ReadonlyMap<SeriesRef, readonly FoundChunk[]> = new Map();

/** Reads the samples of all matching series in [startMs, endMs]; series without any are left out. */
export function selectSeries(
  samples: Samples,
  request: SelectRequest,
  signal: AbortSignal | undefined,
): SeriesColumns[] {
  const { startMs, endMs } = request;
  const refs = matchSeries(samples.index, request.matchers);
  const windows = samples.days.windowsWithin(startMs, endMs);
  const gatherer = new Gatherer();
  const openRows = new OpenRows(samples.head, samples.recent.loose, startMs, endMs, gatherer);
  const found: SeriesColumns[] = [];
  for (let from = 0; from < refs.length; from += SERIES_PER_READ) {
    signal?.throwIfAborted();
    const part = refs.slice(from, from + SERIES_PER_READ);
    const chunks = windows.length === 0 ? NO_CHUNKS : readChunks(samples.days, windows, part);
    for (const ref of part) {
      const labels = samples.index.labels(ref);
      const stored = chunks.get(ref);
      const open = stored === undefined ? openRows.read(ref) : undefined;
      const columns =
        open === undefined ? gatherer.gather(runsOf(samples, ref, stored, startMs, endMs)) : open;
      if (labels !== undefined && columns !== null) found.push({ labels, ...columns });
    }
  }
  return found;
}

/** Whether a series has a row in [startMs, endMs]. */
export function hasSamples(samples: Samples, ref: SeriesRef, startMs: number, endMs: number): boolean {
  if (runsOf(samples, ref, undefined, startMs, endMs).length > 0) return true;
  return samples.days
    .windowsWithin(startMs, endMs)
    .some((windowStartMs) => samples.days.reader(windowStartMs).chunk(windowStartMs, ref) !== undefined);
}

function runsOf(
  { head, recent, days }: Samples,
  ref: SeriesRef,
  chunks: readonly FoundChunk[] | undefined,
  startMs: number,
  endMs: number,
): Run[] {
  const runs: Run[] = [];
  for (const chunk of chunks ?? []) addDayRuns(runs, days, chunk, startMs, endMs);
  addSealedRuns(runs, head, recent, ref, startMs, endMs);
  addHeadRuns(runs, head, ref, startMs, endMs);
  return runs;
}
