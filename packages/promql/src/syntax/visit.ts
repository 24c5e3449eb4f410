import type { Matcher } from '../queryable.ts';
import type { AtModifier, Expression, MatrixSelector, Span, VectorSelector } from './ast.ts';

/** The direct parts of an expression, in the order they are written. */
export function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'number':
    case 'string':
    case 'selector':
      return [];
    case 'range':
      return [expression.selector];
    case 'call':
      return expression.args;
    case 'binary':
      return [expression.left, expression.right];
    case 'aggregation':
      return expression.parameter ? [expression.parameter, expression.expression] : [expression.expression];
    case 'unary':
    case 'paren':
    case 'subquery':
    default:
      return [expression.expression];
  }
}

/** Calls `visit` for the expression and everything in it, parents first, with the path that leads there. */
export function visitExpression(
  expression: Expression,
  visit: (node: Expression, path: readonly Expression[]) => void,
): void {
  walk(expression, [], visit);
}

function walk(
  node: Expression,
  path: Expression[],
  visit: (node: Expression, path: readonly Expression[]) => void,
): void {
  visit(node, path);
  path.push(node);
  for (const child of childrenOf(node)) walk(child, path, visit);
  path.pop();
}

/** One selector of an expression. */
export interface SelectorUse {
  readonly matchers: readonly Matcher[];
  /** The range in milliseconds, 0 for an instant selector; subqueries around it are not counted in. */
  readonly rangeMs: number;
  readonly range?: Span;
  readonly offset?: Span;
  readonly at?: AtModifier;
  readonly node: VectorSelector | MatrixSelector;
}

/** Every selector in an expression, in the order they are written. */
export function selectorsOf(expression: Expression): SelectorUse[] {
  const uses: SelectorUse[] = [];
  visitExpression(expression, (node, path) => {
    if (node.kind === 'range') uses.push(describe(node.selector, node));
    else if (node.kind === 'selector' && path.at(-1)?.kind !== 'range') uses.push(describe(node, node));
  });
  return uses;
}

function describe(selector: VectorSelector, node: VectorSelector | MatrixSelector): SelectorUse {
  const { matchers, offset, at } = selector;
  return {
    matchers,
    rangeMs: node.kind === 'range' ? node.range.ms : 0,
    node,
    ...(node.kind === 'range' && { range: node.range }),
    ...(offset && { offset }),
    ...(at && { at }),
  };
}
