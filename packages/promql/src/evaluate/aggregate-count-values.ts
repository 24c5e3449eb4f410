import { executionError } from '../errors.ts';
import { Labels } from '../labels.ts';
import type { Aggregation } from '../syntax/ast.ts';
import { formatGoFloat } from '../text/go-number.ts';
import { quoteGo } from '../text/go-quote.ts';
import {
  ABSENT,
  type Column,
  histogramAt,
  mergeSameLabels,
  type MutableColumn,
  newColumn,
  setFloat,
} from './column.ts';
import type { Evaluator } from './evaluator.ts';
import type { Grid } from './grid.ts';
import { groupSeries } from './grouping.ts';

/** count_values: one series for each group and value, which becomes a label. */
export function countValues(node: Aggregation, grid: Grid, evaluator: Evaluator): Column[] {
  const label = node.parameter?.kind === 'string' ? node.parameter.value : '';
  if (label === '' || /[\ud800-\udfff]/u.test(label))
    throw executionError(`invalid label name ${quoteGo(label)}`);
  const columns = evaluator.vector(node.expression, grid);
  // The value's label is set after grouping, so it must not tell groups apart before.
  const names = node.without ? [...node.grouping, label] : node.grouping.filter((name) => name !== label);
  const keepsLabel = !(node.without && node.grouping.includes(label));
  const { groupOf, labels } = groupSeries(columns, names, node.without);
  const found = labels.map(() => new Map<string, MutableColumn>());
  for (const [index, column] of columns.entries()) {
    const group = groupOf[index] ?? 0;
    for (let step = 0; step < grid.count; step++) {
      if (column.presence[step] === ABSENT) continue;
      const histogram = histogramAt(column, step);
      const value = histogram ? histogram.toString() : formatGoFloat(column.values[step] ?? 0);
      const key = keepsLabel ? value : '';
      let counted = found[group]?.get(key);
      if (!counted) {
        const base = labels[group] ?? Labels.EMPTY;
        counted = newColumn(keepsLabel ? base.with({ [label]: value }) : base, grid.count);
        found[group]?.set(key, counted);
      }
      setFloat(counted, step, (counted.values[step] ?? 0) + 1);
    }
  }
  return mergeSameLabels(found.flatMap((byValue) => [...byValue.values()]));
}
