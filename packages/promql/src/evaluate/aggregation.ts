import { executionError } from '../errors.ts';
import type { Aggregation } from '../syntax/ast.ts';
import { formatGoGeneral } from '../text/go-number.ts';
import { countValues } from './aggregate-count-values.ts';
import { aggregateFloats, FLOAT_AGGREGATIONS } from './aggregate-floats.ts';
import { aggregateHistograms } from './aggregate-histograms.ts';
import { aggregateQuantile } from './aggregate-quantile.ts';
import { selectByGroup, SELECTING_AGGREGATIONS } from './aggregate-select.ts';
import { type Column, HISTOGRAM, type MutableColumn, newColumn, withoutEmpty } from './column.ts';
import type { Evaluator } from './evaluator.ts';
import type { Grid } from './grid.ts';
import { type Grouping, groupSeries } from './grouping.ts';

/** What the aggregations work on. */
export interface AggregationInput {
  readonly node: Aggregation;
  readonly grid: Grid;
  readonly columns: readonly Column[];
  readonly grouping: Grouping;
  /** The parameter by step, where there is one. */
  readonly parameter: Float64Array;
  readonly evaluator: Evaluator;
}

/** Evaluates an aggregation. Series are put into groups once; each step then only follows the group's index. */
export function evaluateAggregation(node: Aggregation, grid: Grid, evaluator: Evaluator): Column[] {
  if (node.operator === 'count_values') return countValues(node, grid, evaluator);
  const parameter = node.parameter ? evaluator.scalar(node.parameter, grid) : new Float64Array(0);
  const columns = evaluator.vector(node.expression, grid);
  const grouping = groupSeries(columns, node.grouping, node.without);
  const input = { node, grid, columns, grouping, parameter, evaluator };
  if (SELECTING_AGGREGATIONS.has(node.operator)) return selectByGroup(input);
  const out = grouping.labels.map((labels) => newColumn(labels, grid.count));
  markDropName(input, out);
  if (node.operator === 'quantile') aggregateQuantile(input, out);
  else if (hasHistograms(columns) && (node.operator === 'sum' || node.operator === 'avg')) {
    aggregateHistograms(input, out);
  } else {
    const aggregate = FLOAT_AGGREGATIONS.get(node.operator);
    if (!aggregate) throw executionError(`expected aggregation operator but got "${node.operator}"`);
    aggregateFloats(input, out, aggregate);
  }
  return withoutEmpty(out);
}

/** A group drops its name late where any of its series does. */
function markDropName({ columns, grouping }: AggregationInput, out: readonly MutableColumn[]): void {
  for (const [index, column] of columns.entries()) {
    const group = out[grouping.groupOf[index] ?? 0];
    if (group && column.dropName) group.dropName = true;
  }
}

export function hasHistograms(columns: readonly Column[]): boolean {
  return columns.some(({ histograms, presence }) => histograms !== undefined && presence.includes(HISTOGRAM));
}

/** Tells that an aggregation had to leave out histograms. */
export function informIgnored({ node, evaluator }: AggregationInput): void {
  const selecting = SELECTING_AGGREGATIONS.has(node.operator);
  const position = selecting ? node.position : node.expression.position;
  evaluator.context.annotations.inform(`ignored histogram in ${node.operator} aggregation`, position);
}

/** Warns about a quantile outside 0..1. */
export function warnQuantile(q: number, { node, evaluator }: AggregationInput): void {
  const what = `quantile value should be between 0 and 1, got ${formatGoGeneral(q)}`;
  evaluator.context.annotations.warn(what, node.parameter?.position ?? node.position);
}
