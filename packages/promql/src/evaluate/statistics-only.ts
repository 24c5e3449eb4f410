import type { Expression, VectorSelector } from '../syntax/ast.ts';
import { visitExpression } from '../syntax/visit.ts';

/** Functions that look at no more of a histogram than its count and sum. */
const STATISTICS = new Set(
  'histogram_count histogram_sum histogram_avg timestamp start_timestamp absent'.split(' '),
);
/** What needs buckets, and so rules the above out however deep below it stands. */
const NEEDS_BUCKETS = new Set(
  (
    'histogram_quantile histogram_quantiles histogram_fraction histogram_stddev histogram_stdvar changes ' +
    'count_values </ >/ == !='
  ).split(' '),
);

/** The selectors of whose histograms nothing but count and sum is used. */
export function statisticsOnly(expression: Expression): ReadonlySet<VectorSelector> {
  const found = new Set<VectorSelector>();
  visitExpression(expression, (node, path) => {
    if (node.kind !== 'selector') return;
    let only = false;
    for (const parent of path.toReversed()) {
      if (parent.kind === 'subquery' || NEEDS_BUCKETS.has(operationOf(parent))) return;
      if (STATISTICS.has(operationOf(parent))) only = true;
    }
    if (only) found.add(node);
  });
  return found;
}

function operationOf(node: Expression): string {
  if (node.kind === 'call') return node.name;
  return node.kind === 'aggregation' || node.kind === 'binary' ? node.operator : '';
}
