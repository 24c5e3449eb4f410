import { STEP_DEPENDENT } from '../evaluate/resolve.ts';
import type { Expression, VectorSelector } from '../syntax/ast.ts';
import { visitExpression } from '../syntax/visit.ts';

/**
 * The expression with `@ time` on every selector and subquery that has none. Undefined where its result would still
 * depend on the time it is evaluated at.
 */
export function withFixedTimes(expression: Expression, timeMs: number): Expression | undefined {
  let depends = false;
  visitExpression(expression, (node, path) => {
    const fixed = path.some((parent) => parent.kind === 'subquery');
    if (node.kind === 'call' && STEP_DEPENDENT.has(node.name) && !fixed) depends = true;
  });
  return depends ? undefined : fix(expression, timeMs);
}

function fixSelector(selector: VectorSelector, timeMs: number): VectorSelector {
  return selector.at ? selector : { ...selector, at: { kind: 'time', timeMs } };
}

function fix(node: Expression, timeMs: number): Expression {
  switch (node.kind) {
    case 'selector':
      return fixSelector(node, timeMs);
    case 'range':
      return { ...node, selector: fixSelector(node.selector, timeMs) };
    case 'subquery':
      // What is inside follows the subquery's own steps.
      return node.at ? node : { ...node, at: { kind: 'time', timeMs } };
    case 'call':
      return { ...node, args: node.args.map((arg) => fix(arg, timeMs)) };
    case 'aggregation': {
      const parameter = node.parameter && fix(node.parameter, timeMs);
      return { ...node, expression: fix(node.expression, timeMs), ...(parameter && { parameter }) };
    }
    case 'binary':
      return { ...node, left: fix(node.left, timeMs), right: fix(node.right, timeMs) };
    case 'unary':
    case 'paren':
      return { ...node, expression: fix(node.expression, timeMs) };
    case 'number':
    case 'string':
    default:
      return node;
  }
}
