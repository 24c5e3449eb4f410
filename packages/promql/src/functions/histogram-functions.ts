import { withMetricName } from '../evaluate/annotations.ts';
import { type Column, histogramAt, type MutableColumn, newColumn, setFloat } from '../evaluate/column.ts';
import type { Evaluator } from '../evaluate/evaluator.ts';
import type { Grid } from '../evaluate/grid.ts';
import type { Value } from '../evaluate/value.ts';
import type { FloatHistogram } from '../histogram/float-histogram.ts';
import { classicFraction, classicQuantile } from '../histogram/classic.ts';
import {
  type Estimate,
  histogramFraction,
  histogramQuantile,
  histogramVariance,
} from '../histogram/quantile.ts';
import type { Labels } from '../labels.ts';
import type { Call, Expression } from '../syntax/ast.ts';
import { formatGoFloat, formatGoGeneral } from '../text/go-number.ts';
import { ClassicHistograms } from './classic-histograms.ts';
import { argument, type InstantFunction, mapColumns, textArgument } from './instant-function.ts';

/** A function of each native histogram; floats are left out. */
function overEachHistogram(compute: (histogram: FloatHistogram) => number): InstantFunction {
  return (node, grid, evaluator) =>
    mapColumns(evaluator.vector(argument(node, 0), grid), grid, evaluator, (column, out) => {
      for (let step = 0; step < grid.count; step++) {
        const histogram = histogramAt(column, step);
        if (histogram) setFloat(out, step, compute(histogram));
      }
    });
}

const NAN_REMARKS = {
  result: 'input to histogram_quantile has NaN observations, result is NaN',
  skew: 'input to histogram_quantile has NaN observations, result is skewed higher',
  excluded: 'input to histogram_fraction has NaN observations, which are excluded from all fractions',
} as const;

/** How classic and native histograms of a vector are each reduced to a number. */
interface Reduction {
  readonly native: (histogram: FloatHistogram, step: number) => Estimate;
  readonly classic: (buckets: Parameters<typeof classicQuantile>[1], step: number, labels: Labels) => number;
}

/** Reduces all histograms of a vector, one column a histogram. */
function reduceHistograms(
  columns: readonly Column[],
  arg: Expression,
  grid: Grid,
  evaluator: Evaluator,
  reduction: Reduction,
): Column[] {
  const { annotations, settings } = evaluator.context;
  const late = settings.delayedNameRemoval;
  const histograms = new ClassicHistograms(columns, arg, grid, evaluator);
  const out: MutableColumn[] = [];
  for (const column of columns) {
    if (!column.histograms) continue;
    const result = newColumn(column.labels, grid.count, true);
    for (let step = 0; step < grid.count; step++) {
      const histogram = histogramAt(column, step);
      if (!histogram || histograms.conflictsAt(column, step)) continue;
      const { value, nan } = reduction.native(histogram, step);
      setFloat(result, step, value);
      if (nan)
        annotations.inform(withMetricName(NAN_REMARKS[nan], late ? column.labels.name : ''), arg.position);
    }
    out.push(result);
  }
  for (const group of histograms.groups) {
    const result = newColumn(group.labels, grid.count, true);
    for (let step = 0; step < grid.count; step++) {
      const buckets = histograms.bucketsAt(group, step);
      if (buckets.length > 0) setFloat(result, step, reduction.classic(buckets, step, group.labels));
    }
    out.push(result);
  }
  return out;
}

function finish(columns: readonly Column[], grid: Grid, evaluator: Evaluator): Value {
  return mapColumns(columns, grid, evaluator, (column, out) => {
    out.values.set(column.values);
    out.presence.set(column.presence);
  });
}

function warnQuantile(q: number, arg: Expression, { context }: Evaluator): void {
  if (q >= 0 && q <= 1) return;
  context.annotations.warn(
    `quantile value should be between 0 and 1, got ${formatGoGeneral(q)}`,
    arg.position,
  );
}

function quantileReduction(q: Float64Array, arg: Expression, grid: Grid, evaluator: Evaluator): Reduction {
  const { annotations, settings } = evaluator.context;
  return {
    native: (histogram, step) => histogramQuantile(q[step] ?? Number.NaN, histogram),
    classic: (buckets, step, labels) => {
      const { value, fix } = classicQuantile(q[step] ?? Number.NaN, buckets);
      if (fix) {
        const timeMs = grid.startMs + step * grid.stepMs;
        annotations.forcedMonotonicity(settings.delayedNameRemoval ? labels.name : '', arg.position, {
          timeMs,
          ...fix,
        });
      }
      return value;
    },
  };
}

/** histogram_quantile(q, v) */
const quantile: InstantFunction = (node, grid, evaluator) => {
  const q = evaluator.scalar(argument(node, 0), grid);
  const arg = argument(node, 1);
  const columns = evaluator.vector(arg, grid);
  for (const each of q) warnQuantile(each, argument(node, 0), evaluator);
  const reduction = quantileReduction(q, arg, grid, evaluator);
  return finish(reduceHistograms(columns, arg, grid, evaluator, reduction), grid, evaluator);
};

/** histogram_quantiles(v, label, q...): several quantiles at once, told apart by a label. */
const quantiles: InstantFunction = (node, grid, evaluator) => {
  const arg = argument(node, 0);
  const columns = evaluator.vector(arg, grid);
  const label = textArgument(node, 1);
  const results = node.args.slice(2).flatMap((quantileArg) => {
    const q = evaluator.scalar(quantileArg, grid);
    for (const each of q) warnQuantile(each, quantileArg, evaluator);
    const reduction = quantileReduction(q, arg, grid, evaluator);
    const reduced = reduceHistograms(columns, arg, grid, evaluator, reduction);
    return reduced.flatMap((column) => splitByQuantile(column, label, q));
  });
  return finish(results, grid, evaluator);
};

/** A quantile may differ from step to step; each of its values is a series of its own. */
function splitByQuantile(column: Column, label: string, q: Float64Array): Column[] {
  const byValue = new Map<string, MutableColumn>();
  for (let step = 0; step < q.length; step++) {
    if (column.presence[step] === 0) continue;
    const text = formatOpenMetrics(q[step] ?? Number.NaN);
    let out = byValue.get(text);
    if (!out) {
      out = newColumn(column.labels.with({ [label]: text }), q.length, true);
      byValue.set(text, out);
    }
    setFloat(out, step, column.values[step] ?? 0);
  }
  return [...byValue.values()];
}

/** A number as OpenMetrics writes it in labels: always with a point or an exponent. */
function formatOpenMetrics(value: number): string {
  const text = Number.isFinite(value) ? formatGoGeneral(value) : formatGoFloat(value);
  return /[.e]|NaN|Inf/.test(text) ? text : `${text}.0`;
}

function numberAt(numbers: Float64Array, step: number): number {
  return numbers[step] ?? Number.NaN;
}

/** histogram_fraction(lower, upper, v) */
const fraction: InstantFunction = (node: Call, grid, evaluator) => {
  const lower = evaluator.scalar(argument(node, 0), grid);
  const upper = evaluator.scalar(argument(node, 1), grid);
  const arg = argument(node, 2);
  const columns = evaluator.vector(arg, grid);
  const reduced = reduceHistograms(columns, arg, grid, evaluator, {
    native: (histogram, step) => histogramFraction(numberAt(lower, step), numberAt(upper, step), histogram),
    classic: (buckets, step) => classicFraction(numberAt(lower, step), numberAt(upper, step), buckets),
  });
  return finish(reduced, grid, evaluator);
};

export const HISTOGRAM_FUNCTIONS: Readonly<Record<string, InstantFunction>> = {
  histogram_avg: overEachHistogram(({ sum, count }) => sum / count),
  histogram_count: overEachHistogram(({ count }) => count),
  histogram_fraction: fraction,
  histogram_quantile: quantile,
  histogram_quantiles: quantiles,
  histogram_stddev: overEachHistogram((histogram) => Math.sqrt(histogramVariance(histogram))),
  histogram_stdvar: overEachHistogram(histogramVariance),
  histogram_sum: overEachHistogram(({ sum }) => sum),
};
