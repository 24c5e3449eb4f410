import { INSTANT_FUNCTIONS } from '../functions/instant-functions.ts';
import { evaluateInfo } from '../functions/info.ts';
import type { Call } from '../syntax/ast.ts';
import type { Evaluator } from './evaluator.ts';
import type { Grid } from './grid.ts';
import { evaluateRangeCall } from './range-call.ts';
import type { Value } from './value.ts';

/** Evaluates a function call. */
export function evaluateCall(node: Call, grid: Grid, evaluator: Evaluator): Value {
  if (node.name === 'info') return { type: 'vector', columns: evaluateInfo(node, grid, evaluator) };
  if (node.args.some(({ kind }) => kind === 'range' || kind === 'subquery')) {
    return { type: 'vector', columns: evaluateRangeCall(node, grid, evaluator) };
  }
  const evaluate = INSTANT_FUNCTIONS.get(node.name);
  if (!evaluate) throw new TypeError(`no implementation of ${node.name}`);
  return evaluate(node, grid, evaluator);
}
