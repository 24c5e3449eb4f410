import type { Evaluator } from '../evaluate/evaluator.ts';
import type { Grid } from '../evaluate/grid.ts';
import type { Value } from '../evaluate/value.ts';
import type { Call } from '../syntax/ast.ts';
import { greaterOf, lesserOf } from './extremes.ts';
import { argument, type InstantFunction, mapColumns, mapFloats, overEachFloat } from './instant-function.ts';

/** Functions of one float. */
export const FLOAT_FUNCTIONS: Readonly<Record<string, InstantFunction>> = {
  abs: overEachFloat(Math.abs),
  acos: overEachFloat(Math.acos),
  acosh: overEachFloat(Math.acosh),
  asin: overEachFloat(Math.asin),
  asinh: overEachFloat(Math.asinh),
  atan: overEachFloat(Math.atan),
  atanh: overEachFloat(Math.atanh),
  ceil: overEachFloat(Math.ceil),
  cos: overEachFloat(Math.cos),
  cosh: overEachFloat(Math.cosh),
  deg: overEachFloat((value) => value * (180 / Math.PI)),
  exp: overEachFloat(Math.exp),
  floor: overEachFloat(Math.floor),
  ln: overEachFloat(Math.log),
  log10: overEachFloat(Math.log10),
  log2: overEachFloat(Math.log2),
  rad: overEachFloat((value) => value * (Math.PI / 180)),
  sgn: overEachFloat((value) => (value < 0 ? -1 : value > 0 ? 1 : value)),
  sin: overEachFloat(Math.sin),
  sinh: overEachFloat(Math.sinh),
  sqrt: overEachFloat(Math.sqrt),
  tan: overEachFloat(Math.tan),
  tanh: overEachFloat(Math.tanh),
};

function clampBetween(
  node: Call,
  grid: Grid,
  evaluator: Evaluator,
  bounds: { readonly min: Float64Array; readonly max: Float64Array },
): Value {
  const { min, max } = bounds;
  return mapColumns(evaluator.vector(argument(node, 0), grid), grid, evaluator, (column, out) => {
    mapFloats(column, out, (value, step) => {
      const low = min[step] ?? Number.NaN;
      const high = max[step] ?? Number.NaN;
      // An empty interval leaves nothing; the step is taken out again below.
      return greaterOf(low, lesserOf(high, value));
    });
    for (let step = 0; step < grid.count; step++) {
      if ((max[step] ?? 0) < (min[step] ?? 0)) out.presence[step] = 0;
    }
  });
}

const constant = (grid: Grid, value: number) => new Float64Array(grid.count).fill(value);

const clamp: InstantFunction = (node, grid, evaluator) =>
  clampBetween(node, grid, evaluator, {
    min: evaluator.scalar(argument(node, 1), grid),
    max: evaluator.scalar(argument(node, 2), grid),
  });

const clampMin: InstantFunction = (node, grid, evaluator) =>
  clampBetween(node, grid, evaluator, {
    min: evaluator.scalar(argument(node, 1), grid),
    max: constant(grid, Infinity),
  });

const clampMax: InstantFunction = (node, grid, evaluator) =>
  clampBetween(node, grid, evaluator, {
    min: constant(grid, -Infinity),
    max: evaluator.scalar(argument(node, 1), grid),
  });

const round: InstantFunction = (node, grid, evaluator) => {
  const nearest = node.args[1] ? evaluator.scalar(node.args[1], grid) : constant(grid, 1);
  return mapColumns(evaluator.vector(argument(node, 0), grid), grid, evaluator, (column, out) => {
    mapFloats(column, out, (value, step) => {
      // The inverse loses less: 0.1 has no exact double, 10 has.
      const inverse = 1 / (nearest[step] ?? 1);
      return Math.floor(value * inverse + 0.5) / inverse;
    });
  });
};

export const BOUNDING_FUNCTIONS: Readonly<Record<string, InstantFunction>> = {
  clamp,
  clamp_max: clampMax,
  clamp_min: clampMin,
  round,
};
