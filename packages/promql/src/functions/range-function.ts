import type { Annotations } from '../evaluate/annotations.ts';
import { type MutableColumn, setFloat } from '../evaluate/column.ts';
import type { EvaluationSettings } from '../evaluate/context.ts';
import type { Grid } from '../evaluate/grid.ts';
import type { RangeSeries } from '../evaluate/value.ts';
import type { WindowFinder } from '../evaluate/windows.ts';
import type { Position } from '../syntax/position.ts';
import { quoteGo } from '../text/go-quote.ts';

/** One call of a function over a range vector, the same for all its series. */
export interface RangeCall {
  readonly grid: Grid;
  readonly rangeMs: number;
  /** The windows' end at the first step, and how far it moves with each. */
  readonly firstEndMs: number;
  readonly endStepMs: number;
  readonly windows: WindowFinder;
  /** The scalar arguments by step, in order. */
  readonly scalars: readonly Float64Array[];
  /** Where remarks point: at the first argument, as in Prometheus; and where each argument stands. */
  readonly position: Position;
  readonly argPositions: readonly Position[];
  readonly annotations: Annotations;
  readonly settings: EvaluationSettings;
  readonly extended: 'anchored' | 'smoothed' | undefined;
}

/** Computes one series' column. */
export type RangeFunction = (series: RangeSeries, call: RangeCall, out: MutableColumn) => void;

/** A window of float samples. */
export type FloatWindow = (
  values: Float64Array,
  from: number,
  to: number,
  times: Float64Array,
  step: number,
  call: RangeCall,
) => number;

/** A function of a window's floats alone, at least so many of them; it tells where it had to leave out histograms. */
export function overFloats(compute: FloatWindow, least: 1 | 2 = 1): RangeFunction {
  return (series, call, out) => {
    const { times, values } = series.floats;
    if (times.length === 0) return;
    const { from, to } = call.windows.find(times);
    const mixed = series.histograms && call.windows.find(series.histograms.times);
    for (let step = 0; step < call.grid.count; step++) {
      const low = from[step] ?? 0;
      const high = to[step] ?? 0;
      if (low === high) continue;
      if (mixed && mixed.from[step] !== mixed.to[step]) informIgnored(series, call);
      if (high - low < least) continue;
      out.values[step] = compute(values, low, high, times, step, call);
      out.presence[step] = 1;
    }
  };
}

/** Tells that histograms in a range with floats were left out. */
export function informIgnored(series: RangeSeries, call: RangeCall): void {
  const what = 'ignored histograms in a range containing both floats and histograms for metric name';
  call.annotations.inform(`${what} ${quoteGo(series.labels.name)}`, call.position);
}

/** Warns that a range has both floats and histograms, so that nothing can be said of it. */
export function warnMixed(series: RangeSeries, call: RangeCall): void {
  const what = 'encountered a mix of histograms and floats for metric name';
  call.annotations.warn(`${what} ${quoteGo(series.labels.name)}`, call.position);
}

/** Calls `visit` for each step whose window has any sample. */
export function forEachWindow(
  series: RangeSeries,
  call: RangeCall,
  visit: (
    step: number,
    floatFrom: number,
    floatTo: number,
    histogramFrom: number,
    histogramTo: number,
  ) => void,
): void {
  const floats = call.windows.find(series.floats.times);
  const histograms = series.histograms && call.windows.find(series.histograms.times);
  for (let step = 0; step < call.grid.count; step++) {
    const floatFrom = floats.from[step] ?? 0;
    const floatTo = floats.to[step] ?? 0;
    const histogramFrom = histograms?.from[step] ?? 0;
    const histogramTo = histograms?.to[step] ?? 0;
    if (floatFrom === floatTo && histogramFrom === histogramTo) continue;
    visit(step, floatFrom, floatTo, histogramFrom, histogramTo);
  }
}

/** A function of how many samples a window has. */
export function overCounts(compute: (count: number) => number): RangeFunction {
  return (series, call, out) => {
    forEachWindow(series, call, (step, floatFrom, floatTo, histogramFrom, histogramTo) => {
      setFloat(out, step, compute(floatTo - floatFrom + histogramTo - histogramFrom));
    });
  };
}
