import type { Labels } from '@plimsoll/promql';
import type { MetricMetadata, SeriesRef } from '../store.ts';
import type { LongTermBatch } from './long-term-engine.ts';
import { endOfWeight, pickSamples, type SampleColumns, sliceSamples } from '../sample-columns.ts';

/** Suffixes under which the series of a family go. */
const SUFFIX = /_(?:bucket|count|sum|total|info|gcount|gsum|created)$/;

/** Stands for a series without labels; larger than any index into a batch's labels. */
const UNKNOWN = 0xffff_ffff;

export interface SeriesDirectory {
  labelsOf(ref: SeriesRef): Labels | undefined;
  metadata(family: string): readonly MetricMetadata[];
  /** Told of samples whose series nothing describes; they are left out. */
  unknown(samples: number): void;
}

/** Cuts samples into batches of the size of so many float samples, each with the labels and the metadata it needs. */
export function* cutIntoBatches(
  samples: SampleColumns,
  size: number,
  directory: SeriesDirectory,
): Generator<LongTermBatch, void> {
  const count = samples.refs.length;
  for (let from = 0; from < count;) {
    const to = endOfWeight(samples.histograms, from, count, size);
    yield toBatch(samples, from, to, directory);
    from = to;
  }
}

function toBatch(
  samples: SampleColumns,
  from: number,
  to: number,
  directory: SeriesDirectory,
): LongTermBatch {
  const { refs } = samples;
  const numbers = new Map<SeriesRef, number>();
  const labels: Labels[] = [];
  const families = new Map<string, MetricMetadata>();
  const names = new Set<string>();
  const local = new Uint32Array(to - from);
  let unknown = 0;
  for (let at = from; at < to; at++) {
    const ref = refs[at] ?? 0;
    let number = numbers.get(ref);
    if (number === undefined) {
      const set = directory.labelsOf(ref);
      number = set === undefined ? UNKNOWN : labels.push(set) - 1;
      numbers.set(ref, number);
      if (set !== undefined) names.add(set.name);
    }
    if (number === UNKNOWN) unknown++;
    local[at - from] = number;
  }
  for (const name of names) {
    const family = familyOf(name, directory);
    if (family !== undefined) families.set(family.family, family);
  }
  const batch = {
    ...sliceSamples(samples, from, to),
    refs: local,
    labels,
    metadata: [...families.values()],
  };
  if (unknown === 0) return batch;
  directory.unknown(unknown);
  return seriesOf(batch, 0, labels.length);
}

function familyOf(name: string, directory: SeriesDirectory): MetricMetadata | undefined {
  return directory.metadata(name)[0] ?? directory.metadata(name.replace(SUFFIX, ''))[0];
}

/** The samples of one half of the batch's series; null where it has only one. */
export function halves(batch: LongTermBatch): readonly [LongTermBatch, LongTermBatch] | null {
  const { labels } = batch;
  if (labels.length < 2) return null;
  const middle = labels.length >> 1;
  return [seriesOf(batch, 0, middle), seriesOf(batch, middle, labels.length)];
}

function seriesOf(batch: LongTermBatch, first: number, end: number): LongTermBatch {
  const rows = Array.from(batch.refs.keys()).filter((at) => {
    const ref = batch.refs[at] ?? 0;
    return ref >= first && ref < end;
  });
  const picked = pickSamples(batch, rows);
  return {
    ...picked,
    refs: picked.refs.map((ref) => ref - first),
    labels: batch.labels.slice(first, end),
    metadata: batch.metadata,
  };
}
