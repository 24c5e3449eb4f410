import type { Annotations } from '../evaluate/annotations.ts';
import type { SelectRequest, SeriesColumns } from '../queryable.ts';
import { setStaleMarker } from '../stale-marker.ts';
import type { VectorSelector } from '../syntax/ast.ts';
import { formatDuration } from '../text/duration.ts';
import { formatTime } from './format-time.ts';
import { cannotAnswer } from './over-series.ts';
import type { RollupColumns } from './rollup-columns.ts';

/**
 * Windows have at least so many of the smallest buckets, or a store gives none: a shorter one would be of one bucket and
 * the edges of others. Of greater buckets one will do, because they are taken only where windows are whole ones.
 */
export const MIN_BUCKETS = 2;

/**
 * Makes of an answer with buckets what a selector sees, and tells the user of them: a range function gets the buckets
 * beside the samples, an instant selector the last sample of each.
 */
export function resolveRollups(
  series: readonly SeriesColumns[],
  selector: VectorSelector,
  { rangeMs = 0 }: SelectRequest,
  annotations: Annotations,
): readonly SeriesColumns[] {
  const rollups = series.flatMap(({ rollup }) => rollup ?? []);
  const [any] = rollups;
  if (!any) return series;
  const size = formatDuration(any.resolutionMs);
  const used = rollups.filter(({ ends }) => ends.length > 0);
  if (used.length === 0 && rangeMs > 0 && rangeMs < MIN_BUCKETS * any.resolutionMs) {
    const what = `samples from before ${formatTime(any.untilMs)} are kept as rollups of ${size} only`;
    const how = `use a range of at least ${formatDuration(MIN_BUCKETS * any.resolutionMs)} to see them`;
    annotations.inform(`${what}: ${how}`, selector.position);
  }
  if (used.length === 0) return series.map(withoutRollup);
  if (rangeMs === 0 && selector.extended) throw cannotAnswer(selector.extended, any);
  annotations.inform(remarkOn(used, any, rangeMs > 0), selector.position);
  return rangeMs > 0 ? series : series.map(withLasts);
}

function remarkOn(
  used: readonly RollupColumns[],
  { resolutionMs, untilMs }: RollupColumns,
  range: boolean,
): string {
  let fromMs = Infinity;
  let toMs = -Infinity;
  for (const { ends } of used) {
    fromMs = Math.min(fromMs, (ends[0] ?? 0) - resolutionMs);
    toMs = Math.max(toMs, ends.at(-1) ?? 0);
  }
  const size = formatDuration(resolutionMs);
  const span = `from ${formatTime(fromMs)} to ${formatTime(Math.min(toMs, untilMs))}`;
  const how = range
    ? `windows there begin and end with whole buckets`
    : `the last sample of each bucket is seen there`;
  return `rollups of ${size} were used ${span}, where samples are no longer kept; ${how}`;
}

function withoutRollup(series: SeriesColumns): SeriesColumns {
  const { rollup: _, ...rest } = series;
  return rest;
}

/** The last sample of each bucket before the samples there are. */
function withLasts(series: SeriesColumns): SeriesColumns {
  const { rollup, ...rest } = series;
  if (!rollup || rollup.ends.length === 0) return rest;
  const { lastTimes, lasts, staleTimes } = rollup;
  const before = lastTimes.length + staleTimes.length;
  const timestamps = new Float64Array(before + rest.timestamps.length);
  const values = new Float64Array(timestamps.length);
  let last = 0;
  let stale = 0;
  for (let at = 0; at < before; at++) {
    if (stale < staleTimes.length && (staleTimes[stale] ?? 0) < (lastTimes[last] ?? Infinity)) {
      timestamps[at] = staleTimes[stale++] ?? 0;
      setStaleMarker(values, at);
    } else {
      timestamps[at] = lastTimes[last] ?? 0;
      values[at] = lasts[last++] ?? 0;
    }
  }
  timestamps.set(rest.timestamps, before);
  values.set(rest.values, before);
  const { histograms, startTimestamps } = rest;
  return {
    ...rest,
    timestamps,
    values,
    ...(histograms && { histograms: [...Array.from({ length: before }, () => undefined), ...histograms] }),
    ...(startTimestamps && { startTimestamps: padded(startTimestamps, before) }),
  };
}

function padded(numbers: Float64Array, before: number): Float64Array {
  const out = new Float64Array(before + numbers.length);
  out.set(numbers, before);
  return out;
}
