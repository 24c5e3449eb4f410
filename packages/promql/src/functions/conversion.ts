import { ABSENT, FLOAT, isEmpty, newColumn, setFloat } from '../evaluate/column.ts';
import { Labels } from '../labels.ts';
import { absentLabels } from './absent.ts';
import { argument, type InstantFunction } from './instant-function.ts';

/** scalar(): the only float of a vector, NaN where there is none or several. */
const scalar: InstantFunction = (node, grid, evaluator) => {
  const columns = evaluator.vector(argument(node, 0), grid);
  const values = new Float64Array(grid.count).fill(Number.NaN);
  for (let step = 0; step < grid.count; step++) {
    const present = columns.filter(({ presence }) => presence[step] === FLOAT);
    if (present.length === 1) values[step] = present[0]?.values[step] ?? Number.NaN;
  }
  return { type: 'scalar', values };
};

/** vector(): a scalar as a series without labels. */
const vector: InstantFunction = (node, grid, evaluator) => {
  const values = evaluator.scalar(argument(node, 0), grid);
  const presence = new Uint8Array(grid.count).fill(FLOAT);
  return { type: 'vector', columns: [{ labels: Labels.EMPTY, values, presence, dropName: false }] };
};

/** absent(): 1 where a vector is empty. */
const absent: InstantFunction = (node, grid, evaluator) => {
  const arg = argument(node, 0);
  const columns = evaluator.vector(arg, grid);
  const out = newColumn(absentLabels(arg), grid.count);
  for (let step = 0; step < grid.count; step++) {
    if (columns.every(({ presence }) => presence[step] === ABSENT)) setFloat(out, step, 1);
  }
  return { type: 'vector', columns: isEmpty(out) ? [] : [out] };
};

const pi: InstantFunction = (_, grid) => ({
  type: 'scalar',
  values: new Float64Array(grid.count).fill(Math.PI),
});

function ofTwo(compute: (a: number, b: number) => number): InstantFunction {
  return (node, grid, evaluator) => {
    const left = evaluator.scalar(argument(node, 0), grid);
    const right = evaluator.scalar(argument(node, 1), grid);
    return { type: 'scalar', values: left.map((value, step) => compute(value, right[step] ?? 0)) };
  };
}

export const CONVERSION_FUNCTIONS: Readonly<Record<string, InstantFunction>> = {
  absent,
  max_of: ofTwo(Math.max),
  min_of: ofTwo(Math.min),
  pi,
  scalar,
  vector,
};
