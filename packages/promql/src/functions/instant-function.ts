import {
  type Column,
  ColumnFactory,
  dropMetadata,
  FLOAT,
  isEmpty,
  mergeAfterDrop,
  type MutableColumn,
} from '../evaluate/column.ts';
import type { Evaluator } from '../evaluate/evaluator.ts';
import type { Grid } from '../evaluate/grid.ts';
import type { Value } from '../evaluate/value.ts';
import type { Call, Expression } from '../syntax/ast.ts';

/** Evaluates a function that takes no range vector. */
export type InstantFunction = (node: Call, grid: Grid, evaluator: Evaluator) => Value;

/** The argument at a place. The type check has made sure there is one. */
export function argument(node: Call, index: number): Expression {
  const arg = node.args[index];
  if (!arg) throw new TypeError(`${node.name} has no argument ${index}`);
  return arg;
}

/** The text of a string argument, parentheses or not. */
export function textArgument(node: Call, index: number): string {
  const arg = argument(node, index);
  if (arg.kind !== 'string') throw new TypeError(`argument ${index} of ${node.name} is no string`);
  return arg.value;
}

/**
 * Maps each series to a new one that is no longer the metric it came from: names are dropped, now or at the end, and
 * series that thereby become the same are joined.
 */
export function mapColumns(
  columns: readonly Column[],
  grid: Grid,
  evaluator: Evaluator,
  fill: (column: Column, out: MutableColumn) => void,
): Value {
  const late = evaluator.context.settings.delayedNameRemoval;
  const mapped: Column[] = [];
  const factory = new ColumnFactory(grid.count, columns.length, evaluator.context.memory);
  for (const column of columns) {
    const out = factory.make(late ? column.labels : dropMetadata(column.labels), true);
    fill(column, out);
    if (!isEmpty(out)) mapped.push(out);
  }
  return { type: 'vector', columns: late ? mapped : merged(mapped, columns) };
}

function merged(mapped: readonly Column[], from: readonly Column[]): Column[] {
  return mergeAfterDrop(
    mapped,
    from.map(({ labels }) => labels),
  );
}

/** A function of each float; histograms are left out. */
export function overEachFloat(compute: (value: number) => number): InstantFunction {
  return (node, grid, evaluator) =>
    mapColumns(evaluator.vector(argument(node, 0), grid), grid, evaluator, (column, out) => {
      mapFloats(column, out, compute);
    });
}

/** Maps the floats of a column. */
export function mapFloats(
  column: Column,
  out: MutableColumn,
  compute: (value: number, step: number) => number,
): void {
  const { values, presence } = column;
  for (let step = 0; step < values.length; step++) {
    if (presence[step] !== FLOAT) continue;
    out.values[step] = compute(values[step] ?? 0, step);
    out.presence[step] = FLOAT;
  }
}
