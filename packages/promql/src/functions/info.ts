import type { Column } from '../evaluate/column.ts';
import type { Evaluator } from '../evaluate/evaluator.ts';
import type { Grid } from '../evaluate/grid.ts';
import type { Call } from '../syntax/ast.ts';
import { argument } from './instant-function.ts';

/** Evaluates `info`, which adds the labels of info metrics to series they are about. */
export function evaluateInfo(node: Call, grid: Grid, evaluator: Evaluator): readonly Column[] {
  return evaluator.vector(argument(node, 0), grid);
}
