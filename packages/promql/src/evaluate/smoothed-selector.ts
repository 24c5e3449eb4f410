import { interpolateHistograms } from '../functions/extended-histogram-rate.ts';
import type { FloatHistogram } from '../histogram/float-histogram.ts';
import type { VectorSelector } from '../syntax/ast.ts';
import { quoteGo } from '../text/go-quote.ts';
import { type Column, isEmpty, type MutableColumn, newColumn, setFloat, setHistogram } from './column.ts';
import type { EvaluationContext } from './context.ts';
import type { Grid } from './grid.ts';
import { toRangeSeries } from './sample-series.ts';
import { referenceTime } from './selector-time.ts';
import type { HistogramSamples, RangeSeries } from './value.ts';
import { firstAfter } from './windows.ts';

/** Evaluates a `smoothed` instant selector: each step lies on the line between the samples around it. */
export function evaluateSmoothed(selector: VectorSelector, grid: Grid, context: EvaluationContext): Column[] {
  const { firstMs, stepMs } = referenceTime(selector, grid);
  const columns: Column[] = [];
  for (const stored of context.data.get(selector) ?? []) {
    const series = toRangeSeries(stored, false);
    const column = newColumn(series.labels, grid.count);
    for (let step = 0; step < grid.count; step++) {
      smoothStep(series, selector, column, step, firstMs + step * stepMs, context);
    }
    if (!isEmpty(column)) columns.push(column);
  }
  return columns;
}

function smoothStep(
  series: RangeSeries,
  selector: VectorSelector,
  column: MutableColumn,
  step: number,
  timeMs: number,
  context: EvaluationContext,
): void {
  const { lookbackMs } = context.settings;
  const windowOf = (times: Float64Array) => {
    const from = firstAfter(times, timeMs - lookbackMs);
    return { from, to: firstAfter(times, timeMs + lookbackMs, from) };
  };
  const { floats, histograms } = series;
  const floatWindow = windowOf(floats.times);
  const hasFloats = floatWindow.from !== floatWindow.to;
  const histogramWindow = histograms && windowOf(histograms.times);
  if (histograms && histogramWindow && histogramWindow.from !== histogramWindow.to) {
    if (hasFloats) {
      const what = 'encountered a mix of histograms and floats for metric name';
      context.annotations.warn(`${what} ${quoteGo(series.labels.name)}`, selector.position);
      return;
    }
    const histogram = smoothHistogram(series, histograms, selector, histogramWindow, timeMs, context);
    if (histogram) setHistogram(column, step, histogram);
    return;
  }
  if (!hasFloats) return;
  const value = smoothFloat(floats.times, floats.values, floatWindow, timeMs);
  if (value !== undefined) setFloat(column, step, value);
}

interface IndexRange {
  readonly from: number;
  readonly to: number;
}

function smoothFloat(
  times: Float64Array,
  values: Float64Array,
  window: IndexRange,
  timeMs: number,
): number | undefined {
  const after = firstAfter(times, timeMs, window.from);
  const before = after - 1;
  // Nothing before the first sample is known.
  if (before < window.from) return undefined;
  const beforeTime = times[before] ?? 0;
  const value = values[before] ?? 0;
  if (beforeTime === timeMs || after >= window.to) return value;
  const share = (timeMs - beforeTime) / ((times[after] ?? 0) - beforeTime);
  return value + ((values[after] ?? 0) - value) * share;
}

function smoothHistogram(
  series: RangeSeries,
  { times, values }: HistogramSamples,
  selector: VectorSelector,
  window: IndexRange,
  timeMs: number,
  context: EvaluationContext,
): FloatHistogram | undefined {
  const after = firstAfter(times, timeMs, window.from);
  const before = after - 1;
  const histogram = values[before];
  if (before < window.from || !histogram) return undefined;
  if (times[before] === timeMs) return histogram;
  const next = values[after];
  // A hint is about the sample before, so it does not hold for a value carried on.
  if (after >= window.to || !next) return histogram.withHint('unknown');
  const isCounter = histogram.counterResetHint !== 'gauge' || next.counterResetHint !== 'gauge';
  const result =
    histogram.usesCustomBuckets === next.usesCustomBuckets
      ? interpolateHistograms(
          { time: times[before] ?? 0, histogram },
          { time: times[after] ?? 0, histogram: next },
          timeMs,
          isCounter,
          { annotations: context.annotations, position: selector.position },
        )
      : undefined;
  if (!result) {
    const what =
      'vector contains a mix of histograms with exponential and custom buckets schemas for metric name';
    context.annotations.warn(`${what} ${quoteGo(series.labels.name)}`, selector.position);
  }
  return result;
}
