import type { Aggregation } from '../syntax/ast.ts';
import { formatGoGeneral } from '../text/go-number.ts';
import type { Column } from './column.ts';
import type { Evaluator } from './evaluator.ts';
import type { Grid } from './grid.ts';
import type { Grouping } from './grouping.ts';

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

/** Aggregations that select among the series of a group instead of computing one. */
export const SELECTING_AGGREGATIONS: ReadonlySet<string> = new Set([
  'topk',
  'bottomk',
  'limitk',
  'limit_ratio',
]);

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
