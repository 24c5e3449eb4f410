import type { FloatHistogram } from '../histogram/float-histogram.ts';
import type { Labels } from '../labels.ts';
import type { MatrixSelector, Subquery } from '../syntax/ast.ts';
import { ABSENT, type Column, compress, FLOAT, HISTOGRAM } from './column.ts';
import type { Evaluator } from './evaluator.ts';
import { type Grid, gridTimes } from './grid.ts';
import { toRangeSeries } from './sample-series.ts';
import { type ReferenceTime, referenceTime } from './selector-time.ts';
import type { RangeSeries } from './value.ts';

/** The series a range function works on, and where its windows end. */
export interface RangeInput {
  readonly labels: readonly Labels[];
  /** A series by its index, made ready when it is asked for: that takes a look at each sample. */
  readonly series: (index: number) => RangeSeries;
  readonly rangeMs: number;
  readonly reference: ReferenceTime;
  readonly extended: 'anchored' | 'smoothed' | undefined;
}

/** Reads the samples of a range selector, or evaluates a subquery to samples. */
export function rangeInput(node: MatrixSelector | Subquery, grid: Grid, evaluator: Evaluator): RangeInput {
  if (node.kind === 'subquery') return subqueryInput(node, grid, evaluator);
  const { context } = evaluator;
  const useStarts = context.settings.startTimestamps;
  const found = context.data.get(node.selector) ?? [];
  const labels = found.map((each) => each.labels);
  const series = (index: number) => toRangeSeries(at(found, index), useStarts);
  const { extended } = node.selector;
  return { labels, series, rangeMs: node.range.ms, reference: referenceTime(node.selector, grid), extended };
}

/** The steps a subquery is evaluated at: multiples of its own step inside all windows of the outer steps. */
export function subqueryGrid(node: Subquery, grid: Grid, defaultStepMs: number): Grid {
  const stepMs = node.step?.ms ?? defaultStepMs;
  const { firstMs, stepMs: outerStepMs } = referenceTime(node, grid);
  const lastMs = firstMs + (grid.count - 1) * outerStepMs;
  const lowMs = firstMs - node.range.ms;
  let startMs = stepMs * Math.trunc(lowMs / stepMs);
  if (startMs <= lowMs) startMs += stepMs;
  const count = lastMs < startMs ? 0 : Math.floor((lastMs - startMs) / stepMs) + 1;
  return { startMs, stepMs, count, endMs: lastMs };
}

function subqueryInput(node: Subquery, grid: Grid, evaluator: Evaluator): RangeInput {
  const inner = subqueryGrid(node, grid, evaluator.context.settings.defaultSubqueryStepMs);
  const columns = inner.count > 0 ? evaluator.vector(node.expression, inner) : [];
  const times = gridTimes(inner);
  const labels = columns.map((column) => column.labels);
  const series = (index: number) => columnSamples(at(columns, index), times);
  return {
    labels,
    series,
    rangeMs: node.range.ms,
    reference: referenceTime(node, grid),
    extended: undefined,
  };
}

function at<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new RangeError(`there is no series ${index}`);
  return found;
}

/** A column's steps as samples; columns without gaps share one array of times. */
export function columnSamples(column: Column, times: Float64Array): RangeSeries {
  const { labels, dropName, presence, values } = column;
  if (!presence.includes(ABSENT) && !column.histograms)
    return { labels, dropName, floats: { times, values } };
  const floats = { times: compress(times, presence, FLOAT), values: compress(values, presence, FLOAT) };
  if (!column.histograms) return { labels, dropName, floats };
  const histograms = column.histograms.filter(
    (histogram, step): histogram is FloatHistogram => presence[step] === HISTOGRAM && histogram !== undefined,
  );
  return {
    labels,
    dropName,
    floats,
    histograms: {
      times: compress(times, presence, HISTOGRAM),
      values: histograms.map(forgetResets),
    },
  };
}

/** Between a subquery's steps there may be samples it does not show, so hints on resets say nothing any more. */
function forgetResets(histogram: FloatHistogram): FloatHistogram {
  return histogram.counterResetHint === 'gauge' ? histogram : histogram.withHint('unknown');
}
