import { executionError } from '../errors.ts';
import type { Labels } from '../labels.ts';
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
  const found = labels.map((base) => new ValueCounts(base, keepsLabel ? label : undefined, grid.count));
  for (const [index, column] of columns.entries()) found[groupOf[index] ?? 0]?.add(column);
  return mergeSameLabels(found.flatMap((counts) => counts.columns));
}

/** How often each value occurs in a group, a column a value. */
class ValueCounts {
  readonly #base: Labels;
  readonly #label: string | undefined;
  readonly #steps: number;
  readonly #byValue = new Map<string, MutableColumn>();

  constructor(base: Labels, label: string | undefined, steps: number) {
    this.#base = base;
    this.#label = label;
    this.#steps = steps;
  }

  get columns(): Column[] {
    return [...this.#byValue.values()];
  }

  add(column: Column): void {
    for (let step = 0; step < this.#steps; step++) {
      if (column.presence[step] === ABSENT) continue;
      const counted = this.#columnOf(
        histogramAt(column, step)?.toString() ?? formatGoFloat(column.values[step] ?? 0),
      );
      setFloat(counted, step, (counted.values[step] ?? 0) + 1);
    }
  }

  #columnOf(value: string): MutableColumn {
    const key = this.#label === undefined ? '' : value;
    let column = this.#byValue.get(key);
    if (!column) {
      const labels = this.#label === undefined ? this.#base : this.#base.with({ [this.#label]: value });
      column = newColumn(labels, this.#steps);
      this.#byValue.set(key, column);
    }
    return column;
  }
}
