import type { Binary, Expression } from '@plimsoll/promql';

const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=']);

/**
 * The constant that an alert's value is compared with, or null when there is not exactly one. Of `and` and `unless` the
 * left side gives the value, the right side only guards it.
 */
export function thresholdOf(expression: Expression): number | null {
  if (expression.kind === 'paren') return thresholdOf(expression.expression);
  if (expression.kind !== 'binary') return null;
  const { operator, left, right } = expression;
  if (operator === 'and' || operator === 'unless') return thresholdOf(left);
  if (operator === 'or') {
    const threshold = thresholdOf(left);
    return threshold === thresholdOf(right) ? threshold : null;
  }
  if (!COMPARISONS.has(operator)) return null;
  return constantOf(right) ?? constantOf(left);
}

/** The value of an expression of literals alone, or null. */
export function constantOf(expression: Expression): number | null {
  switch (expression.kind) {
    case 'number':
      return expression.value;
    case 'paren':
      return constantOf(expression.expression);
    case 'unary': {
      const value = constantOf(expression.expression);
      return value !== null && expression.operator === '-' ? -value : value;
    }
    case 'binary':
      return constantOfBinary(expression);
    case 'string':
    case 'selector':
    case 'range':
    case 'subquery':
    case 'call':
    case 'aggregation':
    default:
      return null;
  }
}

function constantOfBinary({ operator, left, right }: Binary): number | null {
  const a = constantOf(left);
  const b = constantOf(right);
  const apply = ARITHMETIC[operator];
  return a === null || b === null || apply === undefined ? null : apply(a, b);
}

/** PromQL's arithmetic on two numbers. */
const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '^': (a, b) => a ** b,
  atan2: (a, b) => Math.atan2(a, b),
};
