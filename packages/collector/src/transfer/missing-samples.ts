import { isStaleMarker } from '@plimsoll/proto';
import type { Labels, SeriesColumns } from '@plimsoll/promql';

/** A sample both sides have, with other values. */
export interface DifferentSample {
  readonly labels: Labels;
  readonly timestampMs: number;
  readonly wanted: number;
  readonly found: number;
}

/** How a batch compares with what is there. */
export interface Comparison {
  /** What is not there, as columns again. */
  readonly missing: readonly SeriesColumns[];
  readonly presentSamples: number;
  readonly differentSamples: number;
  /** The first few. */
  readonly different: readonly DifferentSample[];
}

/** Different samples that are named. */
const MAX_NAMED = 20;

/** Compares bit for bit; a stale marker equals another. */
export function findMissing(
  wanted: readonly SeriesColumns[],
  found: ReadonlyMap<string, SeriesColumns>,
): Comparison {
  const missing: SeriesColumns[] = [];
  const different: DifferentSample[] = [];
  let presentSamples = 0;
  let differentSamples = 0;
  for (const series of wanted) {
    const there = found.get(series.labels.key);
    if (there === undefined) {
      missing.push(series);
      continue;
    }
    const absent: number[] = [];
    let at = 0;
    for (const [i, timestampMs] of series.timestamps.entries()) {
      while (at < there.timestamps.length && (there.timestamps[at] ?? 0) < timestampMs) at++;
      if (there.timestamps[at] !== timestampMs) {
        absent.push(i);
      } else if (sameBits(series.values, i, there.values, at)) {
        presentSamples++;
      } else {
        differentSamples++;
        if (different.length < MAX_NAMED) {
          const [value = Number.NaN, other = Number.NaN] = [series.values[i], there.values[at]];
          different.push({ labels: series.labels, timestampMs, wanted: value, found: other });
        }
      }
    }
    if (absent.length > 0) missing.push(pick(series, absent));
  }
  return { missing, presentSamples, differentSamples, different };
}

function sameBits(a: Float64Array, i: number, b: Float64Array, j: number): boolean {
  const left = a[i] ?? 0;
  const right = b[j] ?? 0;
  if (left !== 0 && left === right) return true;
  const leftBits = new Uint32Array(a.buffer, a.byteOffset + i * 8, 2);
  const rightBits = new Uint32Array(b.buffer, b.byteOffset + j * 8, 2);
  if (leftBits[0] === rightBits[0] && leftBits[1] === rightBits[1]) return true;
  return isStaleMarker(left) && isStaleMarker(right);
}

function pick(series: SeriesColumns, indexes: readonly number[]): SeriesColumns {
  if (indexes.length === series.timestamps.length) return series;
  const values = new Float64Array(indexes.length);
  // As memory: the bits of a NaN say what it means.
  indexes.forEach((from, to) => values.set(series.values.subarray(from, from + 1), to));
  return {
    labels: series.labels,
    timestamps: Float64Array.from(indexes, (i) => series.timestamps[i] ?? 0),
    values,
  };
}
