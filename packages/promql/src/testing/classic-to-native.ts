import { CUSTOM_SCHEMA } from '../histogram/bucket-bounds.ts';
import { FloatHistogram } from '../histogram/float-histogram.ts';
import { Labels, METRIC_NAME } from '../labels.ts';
import type { MemorySample } from '../memory-storage.ts';
import { parseGoFloat } from '../text/go-number.ts';

/** A series of floats by time. */
export interface FloatSeries {
  readonly labels: Labels;
  readonly samples: readonly { readonly timeMs: number; readonly value: number }[];
}

interface Parts {
  readonly buckets: { readonly bound: number; readonly count: number }[];
  count: number | undefined;
  sum: number;
}

const SUFFIX = /_(bucket|count|sum)$/;

/** Builds a native histogram with custom buckets from each classic histogram, under its name without suffix. */
export function classicToNative(
  series: readonly FloatSeries[],
): { labels: Labels; samples: MemorySample[] }[] {
  const found = new Map<string, { labels: Labels; byTime: Map<number, Parts> }>();
  for (const { labels, samples } of series) {
    const suffix = SUFFIX.exec(labels.name)?.[1];
    if (suffix === undefined) continue;
    const bound = suffix === 'bucket' ? parseGoFloat(labels.get('le')) : 0;
    if (bound === undefined || Number.isNaN(bound)) continue;
    const base = labels.with({ [METRIC_NAME]: labels.name.replace(SUFFIX, ''), le: '' });
    const histogram = found.get(base.key) ?? { labels: base, byTime: new Map<number, Parts>() };
    found.set(base.key, histogram);
    for (const { timeMs, value } of samples) {
      const parts = histogram.byTime.get(timeMs) ?? { buckets: [], count: undefined, sum: 0 };
      histogram.byTime.set(timeMs, parts);
      if (suffix === 'bucket') parts.buckets.push({ bound, count: value });
      else if (suffix === 'count') parts.count = value;
      else parts.sum = value;
    }
  }
  return [...found.values()].map(({ labels, byTime }) => ({
    labels,
    samples: [...byTime]
      .sort(([a], [b]) => a - b)
      .map(([timeMs, parts]) => ({ timeMs, value: toHistogram(parts) })),
  }));
}

function toHistogram({ buckets, count, sum }: Parts): FloatHistogram {
  const sorted = buckets.toSorted((a, b) => (a.bound < b.bound ? -1 : 1));
  const total = count ?? sorted.at(-1)?.count ?? 0;
  if (sorted.at(-1)?.bound !== Infinity) sorted.push({ bound: Infinity, count: total });
  const counts = sorted.map((bucket, at) => bucket.count - (sorted[at - 1]?.count ?? 0));
  return new FloatHistogram({
    schema: CUSTOM_SCHEMA,
    count: total,
    sum,
    customValues: sorted.slice(0, -1).map(({ bound }) => bound),
    positive: { indexes: counts.map((_, index) => index), counts: Float64Array.from(counts) },
  }).compact();
}
