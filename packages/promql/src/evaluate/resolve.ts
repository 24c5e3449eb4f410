import { executionError } from '../errors.ts';
import type {
  AtModifier,
  Call,
  DurationExpression,
  Expression,
  Span,
  VectorSelector,
} from '../syntax/ast.ts';

/** The times of a query, which `start()`, `end()`, `range()` and `step()` stand for. */
export interface QueryTimes {
  readonly startMs: number;
  readonly endMs: number;
  /** 0 for an instant query. */
  readonly stepMs: number;
}

/** Functions whose result differs from step to step even where their arguments do not. */
export const STEP_DEPENDENT: ReadonlySet<string> = new Set(
  (
    'days_in_month day_of_month day_of_week day_of_year end hour minute month predict_linear range start step time ' +
    'timestamp year'
  ).split(' '),
);

/** An expression ready to be evaluated. */
export interface Plan {
  readonly expression: Expression;
  /** The outermost nodes that are the same at every step. They are evaluated once. */
  readonly invariant: ReadonlySet<Expression>;
}

/**
 * Replaces everything that depends on the query's times by its value: `@ start()`, duration expressions and calls such
 * as `step()`. Parentheses around arguments go away. Also finds what does not change from step to step.
 */
export function resolveExpression(expression: Expression, times: QueryTimes): Plan {
  const resolver = new Resolver(times);
  const resolved = resolver.resolve(expression);
  const invariant = new Set<Expression>();
  const { wrap } = markInvariant(resolved, invariant);
  if (wrap) invariant.add(resolved);
  return { expression: resolved, invariant };
}

class Resolver {
  readonly #times: QueryTimes;

  constructor(times: QueryTimes) {
    this.#times = times;
  }

  resolve(node: Expression): Expression {
    switch (node.kind) {
      case 'selector':
        return this.#selector(node);
      case 'range':
        return { ...node, selector: this.#selector(node.selector), range: this.#span(node.range) };
      case 'subquery': {
        const { step, ...rest } = node;
        const expression = this.resolve(node.expression);
        const range = this.#span(node.range);
        return {
          ...rest,
          ...this.#modifiers(node),
          expression,
          range,
          ...(step && { step: this.#span(step) }),
        };
      }
      case 'call':
        return this.#call(node) ?? { ...node, args: node.args.map((arg) => this.resolve(unwrap(arg))) };
      case 'aggregation': {
        const expression = this.resolve(unwrap(node.expression));
        const parameter = node.parameter && this.resolve(unwrap(node.parameter));
        return { ...node, expression, ...(parameter && { parameter }) };
      }
      case 'binary':
        return { ...node, left: this.resolve(node.left), right: this.resolve(node.right) };
      case 'unary':
      case 'paren':
        return { ...node, expression: this.resolve(node.expression) };
      case 'number':
      case 'string':
      default:
        return node;
    }
  }

  #call({ name, position }: Call): Expression | undefined {
    const { startMs, endMs, stepMs } = this.#times;
    const seconds = {
      start: startMs,
      end: endMs,
      range: endMs - startMs,
      step: startMs === endMs ? 0 : stepMs,
    };
    const value = Object.hasOwn(seconds, name) ? seconds[name as 'start'] / 1000 : undefined;
    if (value === undefined) return undefined;
    return { kind: 'number', value, isDuration: false, position };
  }

  #selector(node: VectorSelector): VectorSelector {
    return { ...node, ...this.#modifiers(node) };
  }

  #modifiers(node: { at?: AtModifier; offset?: Span }): { at?: AtModifier; offset?: Span } {
    const { at, offset } = node;
    return {
      ...(at && { at: this.#at(at) }),
      ...(offset && { offset: this.#span(offset, true) }),
    };
  }

  #at(at: AtModifier): AtModifier {
    if (at.kind === 'time') return at;
    return { kind: 'time', timeMs: at.kind === 'start' ? this.#times.startMs : this.#times.endMs };
  }

  #span(span: Span, allowNegative = false): Span {
    if (!span.expression) return span;
    const seconds = this.#seconds(span.expression);
    const { start, end } = span.expression.position;
    const where = `${start}:${end}`;
    if (!Number.isFinite(seconds)) throw executionError(`${where}: duration is NaN or infinite`);
    if (seconds <= 0 && !allowNegative) throw executionError(`${where}: duration must be greater than 0`);
    if (Math.abs(seconds) > 2 ** 63 / 1e9) throw executionError(`${where}: duration is out of range`);
    return { ms: Math.trunc(seconds * 1000) };
  }

  #seconds(node: DurationExpression): number {
    if (node.kind === 'number') return node.value;
    const left = node.left ? this.#seconds(node.left) : 0;
    const right = node.right ? this.#seconds(node.right) : 0;
    switch (node.operator) {
      case 'step':
        return this.#times.stepMs / 1000;
      case 'range':
        return (this.#times.endMs - this.#times.startMs) / 1000;
      case 'min_of':
        return Math.min(left, right);
      case 'max_of':
        return Math.max(left, right);
      case '+':
        return left + right;
      case '-':
        return left - right;
      case '*':
        return left * right;
      case '^':
        return left ** right;
      case '/':
      case '%':
      default:
        return this.#quotient(node.operator, left, right, node);
    }
  }

  #quotient(operator: string, left: number, right: number, node: DurationExpression): number {
    if (right === 0) {
      const what = operator === '/' ? 'division by zero' : 'modulo by zero';
      throw executionError(`${node.position.start}:${node.position.end}: ${what}`);
    }
    return operator === '/' ? left / right : left % right;
  }
}

/** An expression without the parentheses around it. */
export function unwrap(node: Expression): Expression {
  return node.kind === 'paren' ? unwrap(node.expression) : node;
}

/** Whether a node is the same at each step, and whether it then is worth evaluating once (literals are not). */
interface Invariance {
  readonly invariant: boolean;
  readonly wrap: boolean;
}

function markInvariant(node: Expression, found: Set<Expression>): Invariance {
  switch (node.kind) {
    case 'number':
    case 'string':
      return { invariant: true, wrap: false };
    case 'selector': {
      const invariant = node.at !== undefined;
      return { invariant, wrap: invariant };
    }
    case 'range':
      return { invariant: node.selector.at !== undefined, wrap: false };
    case 'subquery': {
      // What is inside is evaluated on the subquery's own steps.
      const inner = markInvariant(node.expression, found);
      if (inner.wrap) found.add(node.expression);
      return { invariant: node.at !== undefined, wrap: false };
    }
    case 'aggregation':
      return markInvariant(node.expression, found);
    case 'unary':
    case 'paren':
      return markInvariant(node.expression, found);
    case 'binary':
      return markBoth(node.left, node.right, found);
    case 'call':
    default:
      return markCall(node.name, node.args, found);
  }
}

function markBoth(left: Expression, right: Expression, found: Set<Expression>): Invariance {
  const inLeft = markInvariant(left, found);
  const inRight = markInvariant(right, found);
  if (inLeft.invariant && inRight.invariant) return { invariant: true, wrap: true };
  if (inLeft.wrap) found.add(left);
  if (inRight.wrap) found.add(right);
  return { invariant: false, wrap: false };
}

function markCall(name: string, args: readonly Expression[], found: Set<Expression>): Invariance {
  const marks = args.map((arg) => markInvariant(arg, found));
  const evaluated = name === 'info' ? marks.slice(0, 1) : marks;
  const allInvariant = evaluated.every(({ invariant }) => invariant);
  // The time of a fixed sample is fixed, though timestamp() in general is not.
  const fixedTimestamp = name === 'timestamp' && args[0]?.kind === 'selector';
  if (allInvariant && name !== 'info' && (fixedTimestamp || !STEP_DEPENDENT.has(name))) {
    return { invariant: true, wrap: true };
  }
  for (const [index, arg] of args.entries()) {
    if (name === 'info' && index === 1) continue;
    if (marks[index]?.wrap) found.add(arg);
  }
  return { invariant: false, wrap: false };
}
