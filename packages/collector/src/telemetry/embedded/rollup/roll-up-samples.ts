import { isStaleMarker } from '@plimsoll/proto';
import { type FloatHistogram, sketchKey } from '@plimsoll/promql';
import type { Buckets } from './buckets.ts';
import { RowBuilder } from './row-builder.ts';

export interface Samples {
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  /** Native histograms have no rollups: their samples are passed over. */
  readonly histograms?: readonly (FloatHistogram | undefined)[];
}

const builder = new RowBuilder();
let keys = new Int32Array(1024);

/** Fills `out` with the buckets of samples in ascending order. */
export function rollUpSamples(samples: Samples, resolutionMs: number, out: Buckets): void {
  const { timestamps, values } = withoutHistograms(samples);
  out.clear();
  const { length } = timestamps;
  for (let from = 0; from < length;) {
    const end = Math.ceil((timestamps[from] ?? 0) / resolutionMs) * resolutionMs;
    let to = from + 1;
    while (to < length && (timestamps[to] ?? 0) <= end) to++;
    addBucket(out, end, timestamps, values, from, to);
    from = to;
  }
}

function withoutHistograms({ timestamps, values, histograms }: Samples): Samples {
  if (histograms === undefined) return { timestamps, values };
  const isFloat = (_: number, index: number): boolean => histograms[index] === undefined;
  return { timestamps: timestamps.filter(isFloat), values: values.filter(isFloat) };
}

function addBucket(
  out: Buckets,
  end: number,
  timestamps: Float64Array,
  values: Float64Array,
  from: number,
  to: number,
): void {
  builder.begin();
  let numbers = 0;
  for (let i = from; i < to; i++) {
    const value = values[i] ?? 0;
    if (value === value) numbers++;
    else if (isStaleMarker(value)) {
      builder.stale(timestamps[i] ?? 0);
      continue;
    }
    builder.sample(timestamps[i] ?? 0, value);
  }
  if (!builder.finish(out, end)) return;
  const low = sketchKey(builder.min);
  // Most buckets are of one bin, and need no look at each value.
  if (numbers === builder.count && low === sketchKey(builder.max)) {
    if (numbers > 0) out.addBin(low, numbers);
  } else addBins(out, values, from, to);
}

function addBins(out: Buckets, values: Float64Array, from: number, to: number): void {
  if (keys.length < to - from) keys = new Int32Array(to - from);
  let count = 0;
  for (let i = from; i < to; i++) {
    const value = values[i] ?? 0;
    if (value !== value && isStaleMarker(value)) continue;
    keys[count++] = sketchKey(value);
  }
  const sorted = keys.subarray(0, count).sort();
  for (let i = 0; i < count;) {
    let next = i + 1;
    while (next < count && sorted[next] === sorted[i]) next++;
    out.addBin(sorted[i] ?? 0, next - i);
    i = next;
  }
}
