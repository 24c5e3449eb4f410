import type { SelectRequest, SeriesColumns } from '@plimsoll/promql';
import type { Head } from '../head/head.ts';
import { matchSeries } from '../index/match-series.ts';
import type { SeriesIndex } from '../index/series-index.ts';
import { Gatherer } from './gather.ts';
import { headRuns } from './head-runs.ts';

/** Reads the samples of all matching series in [startMs, endMs]; series without any are left out. */
export function selectSeries(
  index: SeriesIndex,
  head: Head,
  request: SelectRequest,
  signal: AbortSignal | undefined,
): SeriesColumns[] {
  const { startMs, endMs } = request;
  const gatherer = new Gatherer();
  const found: SeriesColumns[] = [];
  for (const ref of matchSeries(index, request.matchers)) {
    signal?.throwIfAborted();
    const labels = index.labels(ref);
    const columns = gatherer.gather(headRuns(head, ref, startMs, endMs));
    if (labels !== undefined && columns !== null) found.push({ labels, ...columns });
  }
  return found;
}
