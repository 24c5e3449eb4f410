import { Labels } from '../labels.ts';
import type { Matrix, MatrixSeries } from '../result.ts';
import { cannotAnswer } from '../rollup/over-series.ts';
import type { MatrixSelector, Subquery } from '../syntax/ast.ts';
import { mergeSamples } from '../functions/changes.ts';
import { executionError } from '../errors.ts';
import type { Edges } from '../functions/edges.ts';
import { extendFloats } from '../functions/extended-rate.ts';
import { dropMetadata } from './column.ts';
import type { Evaluator } from './evaluator.ts';
import type { Grid } from './grid.ts';
import { rangeInput } from './range-input.ts';
import type { RangeSeries } from './value.ts';
import { firstAfter } from './windows.ts';

/** The samples of a range selector or subquery that is a query of its own. */
export function selectMatrix(node: MatrixSelector | Subquery, grid: Grid, evaluator: Evaluator): Matrix {
  const input = rangeInput(node, grid, evaluator);
  const { reference, rangeMs, extended } = input;
  // A subquery's own steps are all inside its window.
  const startMs = reference.firstMs - rangeMs;
  const edges = { startMs, endMs: reference.firstMs };
  const late = evaluator.context.settings.delayedNameRemoval;
  const out: MatrixSeries[] = [];
  for (let index = 0; index < input.labels.length; index++) {
    const each = input.series(index);
    if (each.rollup) throw cannotAnswer('a range of samples', each.rollup);
    const window = extended
      ? extendedWindow(each, edges, extended, evaluator)
      : windowOf(each, startMs, edges.endMs);
    if (window.timestamps.length === 0) continue;
    out.push(late && each.dropName ? { ...window, labels: dropMetadata(each.labels) } : window);
  }
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

/** The samples between the edges and, at the edges, what the samples around them give. */
function extendedWindow(
  { labels, floats, histograms }: RangeSeries,
  edges: Edges,
  extended: 'anchored' | 'smoothed',
  { context }: Evaluator,
): MatrixSeries {
  const { lookbackMs } = context.settings;
  const after = extended === 'smoothed' ? lookbackMs : 0;
  const bounds = (times: Float64Array) =>
    [firstAfter(times, edges.startMs - lookbackMs), firstAfter(times, edges.endMs + after)] as const;
  const [histogramFrom, histogramTo] = bounds(histograms?.times ?? new Float64Array(0));
  if (histogramFrom !== histogramTo) {
    throw executionError(`${extended} modifier is not supported with histograms`);
  }
  const [from, to] = bounds(floats.times);
  const window = { times: floats.times.slice(from, to), values: floats.values.slice(from, to) };
  return { labels, ...extendFloats(window, edges, extended === 'smoothed', lookbackMs) };
}
