import { executionError } from '../errors.ts';
import type { Aggregation } from '../syntax/ast.ts';
import { countValues } from './aggregate-count-values.ts';
import { aggregateFloats, FLOAT_AGGREGATIONS } from './aggregate-floats.ts';
import { aggregateHistograms } from './aggregate-histograms.ts';
import { aggregateQuantile } from './aggregate-quantile.ts';
import { selectByGroup } from './aggregate-select.ts';
import { type AggregationInput, SELECTING_AGGREGATIONS } from './aggregation-input.ts';
import { type Column, ColumnFactory, HISTOGRAM, type MutableColumn, withoutEmpty } from './column.ts';
import type { Evaluator } from './evaluator.ts';
import type { Grid } from './grid.ts';
import { groupSeries } from './grouping.ts';

/** Evaluates an aggregation. Series are put into groups once; each step then only follows the group's index. */
export function evaluateAggregation(node: Aggregation, grid: Grid, evaluator: Evaluator): Column[] {
  if (node.operator === 'count_values') return countValues(node, grid, evaluator);
  const parameter = node.parameter ? evaluator.scalar(node.parameter, grid) : new Float64Array(0);
  const columns = evaluator.vector(node.expression, grid);
  const grouping = groupSeries(columns, node.grouping, node.without);
  const input = { node, grid, columns, grouping, parameter, evaluator };
  if (SELECTING_AGGREGATIONS.has(node.operator)) return selectByGroup(input);
  const factory = new ColumnFactory(grid.count, grouping.labels.length, evaluator.context.memory);
  const out = grouping.labels.map((labels) => factory.make(labels));
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
  for (let index = 0; index < columns.length; index++) {
    if (columns[index]?.dropName !== true) continue;
    const group = out[grouping.groupOf[index] ?? 0];
    if (group) group.dropName = true;
  }
}

function hasHistograms(columns: readonly Column[]): boolean {
  return columns.some(({ histograms, presence }) => histograms !== undefined && presence.includes(HISTOGRAM));
}
