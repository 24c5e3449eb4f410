import type { LongTermBatch } from '../../packages/collector/src/telemetry/long-term/long-term-engine.ts';
import { Labels, type Matcher, matcherPredicate, type SeriesColumns } from '@plimsoll/promql';

/** A sample as it is compared: its value as the bits of a double, because NaN has many. */
export interface ModelSample {
  readonly labels: Labels;
  readonly timestampMs: number;
  readonly bits: bigint;
}

const double = new Float64Array(1);
const bits = new BigUint64Array(double.buffer);

export function bitsOf(value: number): bigint {
  double[0] = value;
  return bits[0] ?? 0n;
}

/** What an engine should hold: each series' samples by time, the later write's value. */
export class LongTermModel {
  readonly #series = new Map<string, { readonly labels: Labels; readonly samples: Map<number, bigint> }>();

  add(samples: readonly ModelSample[]): void {
    for (const { labels, timestampMs, bits: value } of samples) {
      const known = this.#series.get(labels.key) ?? { labels, samples: new Map<number, bigint>() };
      known.samples.set(timestampMs, value);
      this.#series.set(labels.key, known);
    }
  }

  /** The answer to a select, as `shown` shows one. */
  select(matchers: readonly Matcher[], startMs: number, endMs: number): ReadonlyMap<string, string> {
    const checks = matchers.map((matcher) => ({ name: matcher.name, check: matcherPredicate(matcher) }));
    const found = new Map<string, string>();
    for (const { labels, samples } of this.#series.values()) {
      if (!checks.every(({ name, check }) => check(labels.get(name)))) continue;
      const within = [...samples]
        .filter(([ms]) => ms >= startMs && ms <= endMs)
        .toSorted(([a], [b]) => a - b);
      if (within.length > 0)
        found.set(labels.toString(), within.map(([ms, value]) => `${ms}:${value}`).join(' '));
    }
    return found;
  }
}

/** An answer in a form that compares: label sets and their samples' times and bits. */
export function shown(series: readonly SeriesColumns[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { labels, timestamps, values } of series) {
    const key = labels.toString();
    if (found.has(key)) throw new Error(`${key} is answered twice`);
    const words = new BigUint64Array(values.buffer, values.byteOffset, values.length);
    found.set(key, Array.from(timestamps, (ms, i) => `${ms}:${words[i]}`).join(' '));
  }
  return found;
}

/** Samples as the forwarder hands them over. */
export function toBatch(samples: readonly ModelSample[]): LongTermBatch {
  const refs = new Map<string, number>();
  const labels: Labels[] = [];
  const values = new BigUint64Array(samples.length);
  const batch = {
    refs: new Uint32Array(samples.length),
    timestampsMs: new Float64Array(samples.length),
    values: new Float64Array(values.buffer),
    labels,
    metadata: [],
  };
  samples.forEach((sample, i) => {
    const known = refs.get(sample.labels.key);
    const ref = known ?? labels.push(sample.labels) - 1;
    refs.set(sample.labels.key, ref);
    batch.refs[i] = ref;
    batch.timestampsMs[i] = sample.timestampMs;
    values[i] = sample.bits;
  });
  return batch;
}
