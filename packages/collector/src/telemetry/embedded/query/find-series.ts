import type { Labels, Matcher } from '@plimsoll/promql';
import { matchSeries } from '../index/match-series.ts';
import { type Samples, rowFinder } from './select-series.ts';

type Selectors = readonly (readonly Matcher[])[];

/** Label sets that match any of the selectors and have samples in [startMs, endMs]. */
export function findSeries(
  samples: Samples,
  selectors: Selectors,
  startMs: number,
  endMs: number,
): readonly Labels[] {
  const refs = new Set<number>();
  for (const matchers of selectors) for (const ref of matchSeries(samples.index, matchers)) refs.add(ref);
  return [...refs]
    .filter(rowFinder(samples, startMs, endMs))
    .flatMap((ref) => samples.index.labels(ref) ?? []);
}

/** Names of the labels of those series, sorted. No selector at all means every series. */
export function findLabelNames(
  samples: Samples,
  selectors: Selectors,
  startMs: number,
  endMs: number,
): readonly string[] {
  const names = new Set<string>();
  for (const labels of findSeries(samples, orEverything(selectors), startMs, endMs)) {
    for (const [name] of labels.entries()) names.add(name);
  }
  return [...names].sort();
}

/** Values of one label among those series, sorted. No selector at all means every series. */
export function findLabelValues(
  samples: Samples,
  name: string,
  selectors: Selectors,
  startMs: number,
  endMs: number,
): readonly string[] {
  const values = new Set<string>();
  for (const labels of findSeries(samples, orEverything(selectors), startMs, endMs))
    values.add(labels.get(name));
  values.delete('');
  return [...values].sort();
}

function orEverything(selectors: Selectors): Selectors {
  return selectors.length === 0 ? [[]] : selectors;
}
