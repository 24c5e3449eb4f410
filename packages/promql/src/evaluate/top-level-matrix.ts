import { Labels } from '../labels.ts';
import type { Matrix, MatrixSeries } from '../result.ts';
import type { MatrixSelector, Subquery } from '../syntax/ast.ts';
import { mergeSamples } from '../functions/changes.ts';
import { dropMetadata } from './column.ts';
import type { Evaluator } from './evaluator.ts';
import type { Grid } from './grid.ts';
import { rangeInput } from './range-input.ts';
import type { RangeSeries } from './value.ts';
import { firstAfter } from './windows.ts';

/** The samples of a range selector or subquery that is a query of its own. */
export function selectMatrix(node: MatrixSelector | Subquery, grid: Grid, evaluator: Evaluator): Matrix {
  const { series, reference, rangeMs } = rangeInput(node, grid, evaluator);
  // A subquery's own steps are all inside its window.
  const startMs = reference.firstMs - rangeMs;
  const late = evaluator.context.settings.delayedNameRemoval;
  const out = series
    .map((each) => windowOf(each, startMs, reference.firstMs))
    .map((each, index) =>
      late && series[index]?.dropName ? { ...each, labels: dropMetadata(each.labels) } : each,
    )
    .filter(({ timestamps }) => timestamps.length > 0);
  return { type: 'matrix', series: out.sort((a, b) => Labels.compare(a.labels, b.labels)) };
}

function windowOf(series: RangeSeries, startMs: number, endMs: number): MatrixSeries {
  const bounds = (times: Float64Array) => [firstAfter(times, startMs), firstAfter(times, endMs)] as const;
  const [from, to] = bounds(series.floats.times);
  const { times, values } = series.floats;
  if (!series.histograms) {
    return { labels: series.labels, timestamps: times.slice(from, to), values: values.slice(from, to) };
  }
  const [histogramFrom, histogramTo] = bounds(series.histograms.times);
  const samples = mergeSamples(series, from, to, histogramFrom, histogramTo);
  return {
    labels: series.labels,
    timestamps: Float64Array.from(samples, ({ time }) => time),
    values: Float64Array.from(samples, ({ value }) => value),
    histograms: samples.map(({ histogram }) => histogram),
  };
}
