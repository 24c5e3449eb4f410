import type { SelectRequest, SeriesColumns } from '@plimsoll/promql';
import { TimeSlice } from '../../../time-slice.ts';
import type { SeriesRef } from '../../store.ts';
import type { Deletions } from '../deletion/deletions.ts';
import { matchSeries } from '../index/match-series.ts';
import type { RollupStore } from '../rollup/rollup-store.ts';
import { type ReadSeries, SeriesRead } from './series-read.ts';
import type { Samples } from './stored-samples.ts';
import { withoutDeletedBuckets } from './without-deleted.ts';

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

/** Takes the memory of an answer back that nobody looks at any more. */
export function releaseSeries({ pool }: Samples, answer: readonly SeriesColumns[]): void {
  pool.give(slabsOf.get(answer) ?? []);
  slabsOf.delete(answer);
}
