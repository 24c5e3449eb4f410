import { isStaleMarker } from '@plimsoll/proto';
import type { FloatHistogram, Labels, SeriesColumns } from '@plimsoll/promql';
import { pickRun } from '../telemetry/sample-run.ts';

/** A sample both sides have, with other values. */
export interface DifferentSample {
  readonly labels: Labels;
  readonly timestampMs: number;
  /** Native histograms as text. */
  readonly wanted: number | string;
  readonly found: number | string;
}

/** How a batch compares with what is there. */
export interface Comparison {
  /** What is not there, as columns again. */
  readonly missing: readonly SeriesColumns[];
  readonly presentSamples: number;
  readonly differentSamples: number;
  /** Of those present, how many have another start timestamp there, or none. */
  readonly otherStarts: number;
  /** The first few. */
  readonly different: readonly DifferentSample[];
}

/** Different samples that are named. */
const MAX_NAMED = 20;

/**
 * Compares numbers bit for bit, but takes a stale marker for any other, and native histograms by their buckets that are
 * not empty: servers add empty ones, so that neighbours have the same. Start timestamps make no sample different.
 */
export function findMissing(
  wanted: readonly SeriesColumns[],
  found: ReadonlyMap<string, SeriesColumns>,
): Comparison {
  const comparing = new Comparing();
  for (const series of wanted) comparing.add(series, found.get(series.labels.key));
  return comparing;
}

class Comparing implements Comparison {
  readonly missing: SeriesColumns[] = [];
  readonly different: DifferentSample[] = [];
  presentSamples = 0;
  differentSamples = 0;
  otherStarts = 0;

  add(series: SeriesColumns, there: SeriesColumns | undefined): void {
    if (there === undefined) {
      this.missing.push(series);
      return;
    }
    const absent: number[] = [];
    let at = 0;
    for (const [i, timestampMs] of series.timestamps.entries()) {
      while (at < there.timestamps.length && (there.timestamps[at] ?? 0) < timestampMs) at++;
      if (there.timestamps[at] === timestampMs) this.#compare(series, i, there, at);
      else absent.push(i);
    }
    if (absent.length === series.timestamps.length) this.missing.push(series);
    else if (absent.length > 0) this.missing.push({ labels: series.labels, ...pickRun(series, absent) });
  }

  #compare(series: SeriesColumns, i: number, there: SeriesColumns, at: number): void {
    if (isSame(series, i, there, at)) {
      this.presentSamples++;
      if ((series.startTimestamps?.[i] ?? 0) !== (there.startTimestamps?.[at] ?? 0)) this.otherStarts++;
      return;
    }
    this.differentSamples++;
    if (this.different.length >= MAX_NAMED) return;
    this.different.push({
      labels: series.labels,
      timestampMs: series.timestamps[i] ?? 0,
      wanted: shown(series, i),
      found: shown(there, at),
    });
  }
}

function isSame(a: SeriesColumns, i: number, b: SeriesColumns, j: number): boolean {
  const left = a.histograms?.[i];
  const right = b.histograms?.[j];
  if (left === undefined && right === undefined) return sameBits(a.values, i, b.values, j);
  return left !== undefined && right !== undefined && isSameHistogram(left, right);
}

function isSameHistogram(a: FloatHistogram, b: FloatHistogram): boolean {
  const gauges = [a, b].filter(({ counterResetHint }) => counterResetHint === 'gauge').length;
  return gauges !== 1 && (a.equals(b) || a.compact().equals(b.compact()));
}

function shown({ values, histograms }: SeriesColumns, i: number): number | string {
  return histograms?.[i]?.toString() ?? values[i] ?? Number.NaN;
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
