import { setFloat } from '../evaluate/column.ts';
import type { FloatSamples, RangeSeries } from '../evaluate/value.ts';
import { extendedRate } from './extended-rate.ts';
import { histogramRate } from './histogram-rate.ts';
import { forEachWindow, type RangeCall, type RangeFunction, warnMixed } from './range-function.ts';
import { coveredShare, extrapolate, type RateKind } from './extrapolate.ts';
import { isStartOverlap, isStartReset } from './start-timestamps.ts';

export const rate: RangeFunction = extrapolated({ isCounter: true, perSecond: true });
export const increase: RangeFunction = extrapolated({ isCounter: true, perSecond: false });
export const delta: RangeFunction = extrapolated({ isCounter: false, perSecond: false });

function extrapolated(kind: RateKind): RangeFunction {
  return (series, call, out) => {
    if (call.extended) extendedRate(series, call, out, kind);
    else if (series.histograms) mixedRate(series, call, out, kind);
    else floatRate(series, call, out, kind);
  };
}

const mixedRate = (
  series: RangeSeries,
  call: RangeCall,
  out: Parameters<RangeFunction>[2],
  kind: RateKind,
): void => {
  const resets = kind.isCounter ? findResets(series.floats) : NO_RESETS;
  forEachWindow(series, call, (step, floatFrom, floatTo, histogramFrom, histogramTo) => {
    if (floatFrom === floatTo) histogramRate(series, call, out, kind, step, histogramFrom, histogramTo);
    else if (histogramFrom === histogramTo) {
      const value = windowRate(series, call, kind, resets, step, floatFrom, floatTo);
      if (value !== undefined) setFloat(out, step, value);
    } else warnMixed(series, call);
  });
};

function floatRate(
  series: RangeSeries,
  call: RangeCall,
  out: Parameters<RangeFunction>[2],
  kind: RateKind,
): void {
  const { from, to } = call.windows.find(series.floats.times);
  const resets = kind.isCounter ? findResets(series.floats) : NO_RESETS;
  if (resets.length === 0 && !series.floats.starts) {
    steadyRate(series.floats, call, out, kind);
    return;
  }
  for (let step = 0; step < call.grid.count; step++) {
    const low = from[step] ?? 0;
    const high = to[step] ?? 0;
    if (low === high) continue;
    const value = windowRate(series, call, kind, resets, step, low, high);
    if (value === undefined) continue;
    out.values[step] = value;
    out.presence[step] = 1;
  }
}

/** The common case of `windowRate` without a call for each window: no reset and no start timestamp. */
function steadyRate(
  samples: FloatSamples,
  call: RangeCall,
  out: Parameters<RangeFunction>[2],
  kind: RateKind,
): void {
  const { times, values } = samples;
  const { from, to } = call.windows.find(times);
  const divisor = kind.perSecond ? call.rangeMs / 1000 : 1;
  for (let step = 0; step < out.values.length; step++) {
    const low = from[step] ?? 0;
    const high = (to[step] ?? 0) - 1;
    if (high <= low) continue;
    const endMs = call.firstEndMs + step * call.endStepMs;
    const change = (values[high] ?? 0) - (values[low] ?? 0);
    const toZero = kind.isCounter ? zeroBefore(values[low] ?? 0, change) : Infinity;
    const share = coveredShare(
      endMs - call.rangeMs,
      times[low] ?? 0,
      times[high] ?? 0,
      endMs,
      high - low,
      toZero,
    );
    out.values[step] = change * (share / divisor);
    out.presence[step] = 1;
  }
}

/** How many sampled spans before its first sample a counter was zero, if it rose as it does in the window. */
function zeroBefore(first: number, change: number): number {
  return change > 0 && first >= 0 ? first / change : Infinity;
}

const NO_RESETS: readonly number[] = [];

/** The indexes of all samples before which the counter was reset. Found once a series, however many windows there are. */
function findResets({ values, starts, times }: FloatSamples): readonly number[] {
  const resets: number[] = [];
  for (let i = 1; i < values.length; i++) {
    const dropped = (values[i] ?? 0) < (values[i - 1] ?? 0);
    if (dropped || (starts && startReset(starts, times, i))) resets.push(i);
  }
  return resets;
}

function startReset(starts: Float64Array, times: Float64Array, index: number): boolean {
  return isStartReset(starts[index - 1] ?? 0, times[index - 1] ?? 0, starts[index] ?? 0, times[index] ?? 0);
}

/** The change over a window, before extrapolation. */
function rawChange(samples: FloatSamples, resets: readonly number[], from: number, to: number): number {
  const { values } = samples;
  let change = (values[to - 1] ?? 0) - (values[from] ?? 0);
  if (resets.length === 0) return change;
  for (let i = firstAbove(resets, from); i < resets.length; i++) {
    const index = resets[i] ?? 0;
    if (index >= to) break;
    change += values[index - 1] ?? 0;
  }
  return change;
}

function firstAbove(sorted: readonly number[], bound: number): number {
  let from = 0;
  let to = sorted.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((sorted[middle] ?? 0) <= bound) from = middle + 1;
    else to = middle;
  }
  return from;
}

function windowRate(
  series: RangeSeries,
  call: RangeCall,
  kind: RateKind,
  resets: readonly number[],
  step: number,
  from: number,
  to: number,
): number | undefined {
  const { times, values, starts } = series.floats;
  if (to - from < 2 && !starts) return undefined;
  if (starts && kind.isCounter) warnOverlap(series, call, from, to);
  const change = rawChange(series.floats, resets, from, to);
  const endMs = call.firstEndMs + step * call.endStepMs;
  const first = values[from] ?? 0;
  const factor = extrapolate({
    kind,
    rangeMs: call.rangeMs,
    endMs,
    firstMs: times[from] ?? 0,
    lastMs: times[to - 1] ?? 0,
    count: to - from,
    startMs: starts?.[from] ?? 0,
    toZero: change > 0 && first >= 0 ? first / change : undefined,
  });
  if (factor === undefined) return undefined;
  return (factor.fromZero ? change + first : change) * factor.factor;
}

function warnOverlap(series: RangeSeries, call: RangeCall, from: number, to: number): void {
  const { times, starts } = series.floats;
  if (!starts) return;
  for (let i = from + 1; i < to; i++) {
    if (!isStartOverlap(starts[i - 1] ?? 0, times[i - 1] ?? 0, starts[i] ?? 0)) continue;
    call.annotations.startTimeOverlap(series.labels.name, call.position);
    return;
  }
}
