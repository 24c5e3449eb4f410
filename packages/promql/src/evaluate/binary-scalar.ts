import type { Binary } from '../syntax/ast.ts';
import { COMPARISONS } from '../syntax/check-types.ts';
import {
  CHANGES_METRIC,
  informIncompatible,
  type Operand,
  operateHistograms,
  SCALAR_OPERATORS,
} from './binary-operators.ts';
import {
  ABSENT,
  type Column,
  ColumnFactory,
  dropMetadata,
  FLOAT,
  histogramAt,
  isEmpty,
  mergeSameLabels,
  type MutableColumn,
  setFloat,
  setHistogram,
} from './column.ts';
import type { Evaluator } from './evaluator.ts';
import type { Grid } from './grid.ts';

/** What a vector-scalar operation needs at each step. */
interface ScalarOperation {
  readonly node: Binary;
  readonly scalar: Float64Array;
  /** The scalar stands on the left. */
  readonly swapped: boolean;
  readonly evaluator: Evaluator;
}

/** Evaluates an operator between an instant vector and a scalar. */
export function evaluateVectorScalar(
  node: Binary,
  grid: Grid,
  evaluator: Evaluator,
  leftScalar: boolean,
): Column[] {
  const left = evaluator.evaluate(node.left, grid);
  const right = evaluator.evaluate(node.right, grid);
  const [vector, scalar] = leftScalar ? [right, left] : [left, right];
  if (vector.type !== 'vector' || scalar.type !== 'scalar') throw new TypeError('sides were type-checked');
  const operation = { node, scalar: scalar.values, swapped: leftScalar, evaluator };
  const drops = CHANGES_METRIC.has(node.operator) || node.returnBool;
  const late = evaluator.context.settings.delayedNameRemoval;
  const columns: Column[] = [];
  const factory = new ColumnFactory(grid.count, vector.columns.length, evaluator.context.memory);
  // What stays empty serves the next column: most comparisons of rules let nothing through.
  let spare: MutableColumn | undefined;
  for (const column of vector.columns) {
    const out = spare ?? factory.make(column.labels);
    if (column.histograms) operateMixed(operation, column, out);
    else operateFloats(operation, column, out);
    spare = isEmpty(out) ? out : undefined;
    if (spare) continue;
    out.labels = drops && !late ? dropMetadata(column.labels) : column.labels;
    out.dropName = drops || column.dropName;
    columns.push(out);
  }
  return late || !drops ? columns : mergeSameLabels(columns);
}

function operateFloats(operation: ScalarOperation, column: Column, out: MutableColumn): void {
  const { node, scalar, swapped } = operation;
  const operate = SCALAR_OPERATORS.get(node.operator);
  if (!operate) {
    operateMixed(operation, column, out);
    return;
  }
  const filters = COMPARISONS.has(node.operator) && !node.returnBool;
  const { values, presence } = column;
  for (let step = 0; step < values.length; step++) {
    if (presence[step] === ABSENT) continue;
    const value = values[step] ?? 0;
    const other = scalar[step] ?? 0;
    const result = swapped ? operate(other, value) : operate(value, other);
    if (!filters) out.values[step] = result;
    else if (result === 1) out.values[step] = value;
    else continue;
    out.presence[step] = FLOAT;
  }
}

function operateMixed(operation: ScalarOperation, column: Column, out: MutableColumn): void {
  const { node, scalar, swapped, evaluator } = operation;
  const remarks = { annotations: evaluator.context.annotations, position: node.position };
  const operate = SCALAR_OPERATORS.get(node.operator);
  for (let step = 0; step < column.values.length; step++) {
    if (column.presence[step] === ABSENT) continue;
    const histogram = histogramAt(column, step);
    const vectorSide: Operand = histogram ?? column.values[step] ?? 0;
    const other = scalar[step] ?? 0;
    if (typeof vectorSide === 'number') {
      if (operate) operateFloats(operation, single(column, step), out);
      else informIncompatible(node.operator, vectorSide, other, remarks);
      continue;
    }
    const [left, right] = swapped ? [other, vectorSide] : [vectorSide, other];
    const result = operateHistograms(node.operator, left, right, remarks);
    if (!result) continue;
    if (node.returnBool) setFloat(out, step, Number(result.keep));
    else if (result.keep) setHistogram(out, step, result.histogram);
  }
}

/** A view of a column in which only one step is present. */
function single(column: Column, step: number): Column {
  const presence = new Uint8Array(column.presence.length);
  presence[step] = FLOAT;
  return { ...column, presence };
}
