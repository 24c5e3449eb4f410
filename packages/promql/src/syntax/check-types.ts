import { METRIC_NAME } from '../labels.ts';
import { matcherPredicate } from '../matcher.ts';
import { quoteGo } from '../text/go-quote.ts';
import type { Aggregation, Binary, Call, Expression, ValueType, VectorSelector } from './ast.ts';
import { isSpace } from './char-class.ts';
import { FUNCTION_SIGNATURES } from './function-signatures.ts';
import { type Position, PromqlParseError } from './position.ts';
import { documentedType, valueTypeOf } from './value-type.ts';

export const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=']);
export const SET_OPERATORS: ReadonlySet<string> = new Set(['and', 'or', 'unless']);

/** Checks that operands and arguments have types their operators and functions take. Throws `PromqlParseError`. */
export function checkTypes(expression: Expression, text: string): void {
  new Checker(text).check(expression);
}

class Checker {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  check(node: Expression): ValueType {
    switch (node.kind) {
      case 'aggregation':
        this.#aggregation(node);
        break;
      case 'binary':
        this.#binary(node);
        break;
      case 'call':
        this.#call(node);
        break;
      case 'paren':
        this.check(node.expression);
        break;
      case 'unary': {
        const type = this.check(node.expression);
        if (type === 'scalar' || type === 'vector') break;
        const only = 'unary expression only allowed on expressions of type scalar or instant vector';
        throw this.#error(`${only}, got ${quoteGo(documentedType(type))}`, node.position);
      }
      case 'subquery': {
        const type = this.check(node.expression);
        if (type === 'vector') break;
        throw this.#error(`subquery is only allowed on instant vector, got ${type} instead`, node.position);
      }
      case 'range':
        this.#selector(node.selector, false);
        break;
      case 'selector':
        this.#selector(node, false);
        break;
      case 'number':
      case 'string':
        break;
    }
    return valueTypeOf(node);
  }

  #error(detail: string, position: Position): PromqlParseError {
    return new PromqlParseError(detail, position, this.#text);
  }

  #expect(node: Expression, want: ValueType, context: string): void {
    const type = this.check(node);
    if (type === want) return;
    const detail = `expected type ${documentedType(want)} in ${context}, got ${documentedType(type)}`;
    throw this.#error(detail, node.position);
  }

  #aggregation(node: Aggregation): void {
    this.#expect(node.expression, 'vector', 'aggregation expression');
    if (!node.parameter) return;
    this.#expect(
      node.parameter,
      node.operator === 'count_values' ? 'string' : 'scalar',
      'aggregation parameter',
    );
  }

  #binary(node: Binary): void {
    const left = this.check(node.left);
    const right = this.check(node.right);
    const { operator, matching } = node;
    const compares = COMPARISONS.has(operator);
    if (node.returnBool && !compares) {
      throw this.#error(
        'bool modifier can only be used on comparison operators',
        this.#operatorPosition(node),
      );
    }
    if (compares && !node.returnBool && left === 'scalar' && right === 'scalar') {
      throw this.#error('comparisons between scalars must use BOOL modifier', this.#operatorPosition(node));
    }
    const both = matching.on ? matching.labels.find((label) => matching.include.includes(label)) : undefined;
    if (both !== undefined) {
      const detail = `label ${quoteGo(both)} must not occur in ON and GROUP clause at once`;
      throw this.#error(detail, this.#operatorPosition(node));
    }
    for (const [type, side] of [[left, node.left] as const, [right, node.right] as const]) {
      if (type === 'scalar' || type === 'vector') continue;
      throw this.#error('binary expression must contain only scalar and instant vector types', side.position);
    }
    if (left === 'vector' && right === 'vector') this.#vectorMatching(node);
    else this.#scalarMatching(node);
  }

  #vectorMatching({ operator, matching, position }: Binary): void {
    if (!SET_OPERATORS.has(operator)) return;
    if (matching.cardinality === 'one-to-many' || matching.cardinality === 'many-to-one') {
      throw this.#error(`no grouping allowed for ${quoteGo(operator)} operation`, position);
    }
    if (matching.fillLeft !== undefined || matching.fillRight !== undefined) {
      throw this.#error('filling in missing series not allowed for set operators', position);
    }
  }

  #scalarMatching({ operator, matching, position }: Binary): void {
    if (matching.labels.length > 0) {
      throw this.#error('vector matching only allowed between instant vectors', position);
    }
    if (matching.fillLeft !== undefined || matching.fillRight !== undefined) {
      throw this.#error('filling in missing series only allowed between instant vectors', position);
    }
    if (SET_OPERATORS.has(operator)) {
      throw this.#error(
        `set operator ${quoteGo(operator)} not allowed in binary scalar expression`,
        position,
      );
    }
  }

  /** Where the operator with its modifiers stands, without the blanks around it. */
  #operatorPosition(node: Binary): Position {
    let start = node.left.position.end;
    while (isSpace(this.#text[start] ?? '')) start++;
    let end = node.right.position.start - 1;
    while (isSpace(this.#text[end] ?? '')) end--;
    return { start, end };
  }

  #call(node: Call): void {
    const signature = FUNCTION_SIGNATURES.get(node.name);
    if (!signature) throw this.#error(`unknown function with name ${quoteGo(node.name)}`, node.position);
    this.#argumentCount(node, signature.args.length, signature.variadic);
    if (node.name === 'info') this.#infoSelector(node);
    for (const [index, arg] of node.args.entries()) {
      const want = signature.args[Math.min(index, signature.args.length - 1)];
      if (!want) break;
      if (node.name === 'info' && index === 1 && arg.kind === 'selector') this.#selector(arg, true);
      else this.#expect(arg, want, `call to function ${quoteGo(node.name)}`);
    }
  }

  #argumentCount(node: Call, declared: number, variadic: number): void {
    const got = node.args.length;
    const inCall = `argument(s) in call to ${quoteGo(node.name)}, got ${got}`;
    if (variadic === 0) {
      if (got !== declared) throw this.#error(`expected ${declared} ${inCall}`, node.position);
      return;
    }
    const least = declared - 1;
    if (got < least) throw this.#error(`expected at least ${least} ${inCall}`, node.position);
    if (variadic > 0 && got > least + variadic) {
      throw this.#error(`expected at most ${least + variadic} ${inCall}`, node.position);
    }
  }

  #infoSelector(node: Call): void {
    const selector = node.args[1];
    if (!selector) return;
    const type = valueTypeOf(selector);
    if (type !== 'vector') {
      const detail = `expected type instant vector in call to function "info", got ${documentedType(type)}`;
      throw this.#error(detail, node.position);
    }
    if (selector.kind !== 'selector') throw this.#error('expected label selectors only', selector.position);
    if (selector.name !== '') {
      throw this.#error('expected label selectors only, got vector selector instead', selector.position);
    }
  }

  #selector(node: VectorSelector, allowEmpty: boolean): void {
    if (node.name !== '') {
      const other = node.matchers.slice(0, -1).find(({ name }) => name === METRIC_NAME);
      if (!other) return;
      const names = `${quoteGo(node.name)} or ${quoteGo(other.value)}`;
      throw this.#error(`metric name must not be set twice: ${names}`, node.position);
    }
    if (allowEmpty || node.matchers.some((matcher) => !matcherPredicate(matcher)(''))) return;
    throw this.#error('vector selector must contain at least one non-empty matcher', node.position);
  }
}
