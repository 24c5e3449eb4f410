import { withDerivedHint } from './histogram/derive-hints.ts';
import type { FloatHistogram } from './histogram/float-histogram.ts';
import type { Labels } from './labels.ts';
import { matcherPredicate } from './matcher.ts';
import type { Queryable, SelectRequest, SeriesColumns } from './queryable.ts';
import { setStaleMarker } from './stale-marker.ts';

/** A sample to store. `value` may be 'stale' for the marker that ends a series. */
export interface MemorySample {
  readonly timeMs: number;
  readonly value: number | 'stale' | FloatHistogram;
  readonly startTimeMs?: number;
}

interface Stored {
  readonly labels: Labels;
  readonly samples: MemorySample[];
  columns: SeriesColumns | undefined;
}

/** Series in memory, for tests and for the unit tests of rules. */
export class MemoryStorage implements Queryable {
  readonly #series = new Map<string, Stored>();

  /** Adds samples to a series; a sample at a time that is taken replaces the old one. */
  append(labels: Labels, samples: Iterable<MemorySample>): void {
    let stored = this.#series.get(labels.key);
    if (!stored) {
      stored = { labels, samples: [], columns: undefined };
      this.#series.set(labels.key, stored);
    }
    for (const sample of samples) insert(stored.samples, sample);
    stored.columns = undefined;
  }

  /** Adds a whole series as columns, replacing what there was under its labels. */
  set(columns: SeriesColumns): void {
    this.#series.set(columns.labels.key, { labels: columns.labels, samples: [], columns });
  }

  clear(): void {
    this.#series.clear();
  }

  select(request: SelectRequest): Promise<readonly SeriesColumns[]> {
    const predicates = request.matchers.map((matcher) => ({
      name: matcher.name,
      matches: matcherPredicate(matcher),
    }));
    const found: SeriesColumns[] = [];
    for (const stored of this.#series.values()) {
      if (!predicates.every(({ name, matches }) => matches(stored.labels.get(name)))) continue;
      stored.columns ??= toColumns(stored);
      found.push(stored.columns);
    }
    return Promise.resolve(found);
  }
}

function insert(samples: MemorySample[], sample: MemorySample): void {
  let at = samples.length;
  while (at > 0 && (samples[at - 1]?.timeMs ?? 0) > sample.timeMs) at--;
  const replaces = at > 0 && samples[at - 1]?.timeMs === sample.timeMs;
  if (replaces) samples[at - 1] = sample;
  else samples.splice(at, 0, sample);
}

function toColumns({ labels, samples }: Stored): SeriesColumns {
  const values = new Float64Array(samples.length);
  const histograms: (FloatHistogram | undefined)[] = [];
  let previous: FloatHistogram | undefined;
  for (const [index, { value }] of samples.entries()) {
    const histogram = typeof value === 'object' ? withDerivedHint(value, previous) : undefined;
    previous = histogram;
    histograms.push(histogram);
    if (histogram) values[index] = 0;
    else if (typeof value === 'number') values[index] = value;
    else setStaleMarker(values, index);
  }
  const starts = samples.some(({ startTimeMs }) => startTimeMs !== undefined);
  return {
    labels,
    timestamps: Float64Array.from(samples, ({ timeMs }) => timeMs),
    values,
    ...(histograms.some((each) => each !== undefined) && { histograms }),
    ...(starts && { startTimestamps: Float64Array.from(samples, ({ startTimeMs }) => startTimeMs ?? 0) }),
  };
}
