import type { FloatHistogram, Labels, SeriesColumns } from '@plimsoll/promql';
import { pickRun, type SampleRun, sliceRun } from '../sample-run.ts';

/** One series' runs as columns; null without samples. Runs that overlap are put in order, repeats left out. */
export function joinSamples(labels: Labels, runs: readonly SampleRun[]): SeriesColumns | null {
  const filled = runs.filter(({ timestamps }) => timestamps.length > 0);
  const [only] = filled;
  if (only === undefined) return null;
  const joined = filled.length === 1 ? only : concatenated(filled);
  return { labels, ...(isAscending(joined.timestamps) ? joined : inOrder(joined)) };
}

/** The part of an ascending run within a time, both ends included: servers send whole chunks. */
export function withinTime(run: SampleRun, startMs: number, endMs: number): SampleRun {
  const { timestamps } = run;
  let from = 0;
  let to = timestamps.length;
  while (from < to && (timestamps[from] ?? 0) < startMs) from++;
  while (to > from && (timestamps[to - 1] ?? 0) > endMs) to--;
  return from === 0 && to === timestamps.length ? run : sliceRun(run, from, to);
}

function concatenated(runs: readonly SampleRun[]): SampleRun {
  const count = runs.reduce((sum, { timestamps }) => sum + timestamps.length, 0);
  const hasHistograms = runs.some(({ histograms }) => histograms);
  const hasStarts = runs.some((run) => run.startTimestamps);
  const timestamps = new Float64Array(count);
  const values = new Float64Array(count);
  const histograms: (FloatHistogram | undefined)[] = [];
  const startTimestamps = new Float64Array(hasStarts ? count : 0);
  let at = 0;
  for (const run of runs) {
    timestamps.set(run.timestamps, at);
    values.set(run.values, at);
    if (run.startTimestamps) startTimestamps.set(run.startTimestamps, at);
    if (hasHistograms) for (const i of run.timestamps.keys()) histograms.push(run.histograms?.[i]);
    at += run.timestamps.length;
  }
  return {
    timestamps,
    values,
    ...(hasHistograms && { histograms }),
    ...(hasStarts && { startTimestamps }),
  };
}

function isAscending(timestamps: Float64Array): boolean {
  for (let i = 1; i < timestamps.length; i++) {
    if ((timestamps[i - 1] ?? 0) >= (timestamps[i] ?? 0)) return false;
  }
  return true;
}

/** Of samples at one time the first stays. */
function inOrder(run: SampleRun): SampleRun {
  const { timestamps } = run;
  const order = Array.from(timestamps.keys())
    .sort((a, b) => (timestamps[a] ?? 0) - (timestamps[b] ?? 0) || a - b)
    .filter((index, i, all) => i === 0 || timestamps[all[i - 1] ?? 0] !== timestamps[index]);
  return pickRun(run, order);
}
