import { valueTypeOf } from '../syntax/value-type.ts';
import type { Binary } from '../syntax/ast.ts';
import { SET_OPERATORS } from '../syntax/check-types.ts';
import { SCALAR_OPERATORS } from './binary-operators.ts';
import { evaluateVectorScalar } from './binary-scalar.ts';
import { evaluateSetOperator } from './binary-set.ts';
import { evaluateVectorVector } from './binary-vector.ts';
import type { Evaluator } from './evaluator.ts';
import type { Grid } from './grid.ts';
import type { Value } from './value.ts';

/** Evaluates a binary operator by the types of its sides. */
export function evaluateBinary(node: Binary, grid: Grid, evaluator: Evaluator): Value {
  const leftScalar = valueTypeOf(node.left) === 'scalar';
  const rightScalar = valueTypeOf(node.right) === 'scalar';
  if (leftScalar && rightScalar) return { type: 'scalar', values: scalars(node, grid, evaluator) };
  if (leftScalar || rightScalar) {
    return { type: 'vector', columns: evaluateVectorScalar(node, grid, evaluator, leftScalar) };
  }
  const left = evaluator.vector(node.left, grid);
  const right = evaluator.vector(node.right, grid);
  const evaluate = SET_OPERATORS.has(node.operator) ? evaluateSetOperator : evaluateVectorVector;
  return { type: 'vector', columns: evaluate(node, left, right, grid, evaluator) };
}

function scalars(node: Binary, grid: Grid, evaluator: Evaluator): Float64Array {
  const left = evaluator.scalar(node.left, grid);
  const right = evaluator.scalar(node.right, grid);
  const operate = SCALAR_OPERATORS.get(node.operator);
  if (!operate) throw new TypeError(`operator ${node.operator} between scalars`);
  const out = new Float64Array(grid.count);
  for (let step = 0; step < grid.count; step++) {
    out[step] = operate(left[step] ?? 0, right[step] ?? 0);
  }
  return out;
}
