import type { Labels, Matcher } from '@plimsoll/promql';
import { TimeSlice } from '../../../time-slice.ts';
import { matchSeries } from '../index/match-series.ts';
import { rowFinder } from './row-finder.ts';
import type { Samples } from './stored-samples.ts';

type Selectors = readonly (readonly Matcher[])[];

/** Label sets that match any of the selectors and have samples in [startMs, endMs]. A long search rests now and then. */
export async function findSeries(
  samples: Samples,
  selectors: Selectors,
  startMs: number,
  endMs: number,
): Promise<Labels[]> {
  const slice = new TimeSlice();
  const refs = new Set<number>();
  for (const matchers of selectors) for (const ref of matchSeries(samples.index, matchers)) refs.add(ref);
  const found: Labels[] = [];
  let hasRow = rowFinder(samples, startMs, endMs);
  for (const ref of refs) {
    const labels = hasRow(ref) ? samples.index.labels(ref) : undefined;
    if (labels !== undefined) found.push(labels);
    if (!slice.over) continue;
    await slice.rest();
    samples.closing.throwIfAborted();
    // What was written, moved or deleted meanwhile is somewhere else now.
    hasRow = rowFinder(samples, startMs, endMs);
  }
  return found;
}

/** Names of the labels of those series, sorted. No selector at all means every series. */
export async function findLabelNames(
  samples: Samples,
  selectors: Selectors,
  startMs: number,
  endMs: number,
): Promise<readonly string[]> {
  const names = new Set<string>();
  for (const labels of await findSeries(samples, orEverything(selectors), startMs, endMs)) {
    for (const [name] of labels.entries()) names.add(name);
  }
  return [...names].sort();
}

/** Values of one label among those series, sorted. No selector at all means every series. */
export async function findLabelValues(
  samples: Samples,
  name: string,
  selectors: Selectors,
  startMs: number,
  endMs: number,
): Promise<readonly string[]> {
  const values = new Set<string>();
  for (const labels of await findSeries(samples, orEverything(selectors), startMs, endMs))
    values.add(labels.get(name));
  values.delete('');
  return [...values].sort();
}

function orEverything(selectors: Selectors): Selectors {
  return selectors.length === 0 ? [[]] : selectors;
}
