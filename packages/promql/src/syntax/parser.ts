import type { Matcher } from '../queryable.ts';
import type { Expression, VectorSelector } from './ast.ts';
import { checkTypes } from './check-types.ts';
import { limitDepth } from './limit-depth.ts';
import { parseAggregation } from './parse-aggregation.ts';
import { parseMatching } from './parse-matching.ts';
import { isNumberToken, parseNumberToken } from './parse-literal.ts';
import { parsePostfix } from './parse-postfix.ts';
import { parseVectorSelector } from './parse-selector.ts';
import { positionOf, TokenStream } from './token-stream.ts';
import { AGGREGATIONS, isMetricName, PREPROCESSORS, startsExpression, type Token } from './tokens.ts';
import { FUNCTION_SIGNATURES } from './function-signatures.ts';
import { quoteGo, unquoteGo } from '../text/go-quote.ts';

/** What a query may use beyond a released Prometheus' defaults. */
export interface ParserOptions {
  readonly experimentalFunctions?: boolean;
  /** `fill`, `fill_left` and `fill_right` on binary operators. */
  readonly fillModifiers?: boolean;
  /** Letters beyond ASCII and dots in names without quotes. */
  readonly unquotedUtf8Names?: boolean;
}

const PRECEDENCE: ReadonlyMap<string, number> = new Map([
  ['or', 1],
  ['and', 2],
  ['unless', 2],
  ...['==', '!=', '<', '<=', '>', '>=', '</', '>/'].map((operator) => [operator, 3] as const),
  ['+', 4],
  ['-', 4],
  ['*', 5],
  ['/', 5],
  ['%', 5],
  ['atan2', 5],
  ['^', 6],
]);
const UNARY_PRECEDENCE = 5;

/** Parses and type-checks a query. Throws `PromqlParseError`. */
export function parseExpression(text: string, options: ParserOptions = {}): Expression {
  const parser = new Parser(text, options);
  const expression = parser.parseQuery();
  limitDepth(expression, text);
  checkTypes(expression, text);
  return expression;
}

/** Parses a series selector such as the API's `match[]`. Throws `PromqlParseError`. */
export function parseSelector(text: string, options: ParserOptions = {}): readonly Matcher[] {
  return new Parser(text, options).parseSelectorOnly().matchers;
}

class Parser {
  readonly #tokens: TokenStream;
  readonly #options: ParserOptions;

  constructor(text: string, options: ParserOptions) {
    this.#options = options;
    this.#tokens = new TokenStream(text, options.unquotedUtf8Names ?? false);
  }

  parseQuery(): Expression {
    const tokens = this.#tokens;
    if (tokens.is('EOF')) {
      // Upstream reports this one without a place, whatever blanks and comments there are.
      const { start } = tokens.peek();
      throw tokens.error(
        'no expression found in input',
        tokens.text === '' ? { start, end: start } : { start: 0, end: 0 },
      );
    }
    const expression = this.#binary(1);
    if (!tokens.is('EOF')) tokens.unexpected();
    return expression;
  }

  parseSelectorOnly(): VectorSelector {
    const selector = parseVectorSelector(this.#tokens, this.#tokens.next());
    if (!this.#tokens.is('EOF')) this.#tokens.unexpected();
    return selector;
  }

  #binary(minimum: number): Expression {
    const tokens = this.#tokens;
    let left = this.#unary();
    for (;;) {
      const precedence = PRECEDENCE.get(tokens.peek().type) ?? 0;
      if (precedence < minimum) return left;
      const operator = tokens.next().type;
      const { returnBool, matching } = parseMatching(tokens, this.#options.unquotedUtf8Names ?? false);
      const right = tokens.nested(() => this.#binary(operator === '^' ? precedence : precedence + 1));
      const position = { start: left.position.start, end: right.position.end };
      const fills = matching.fillLeft !== undefined || matching.fillRight !== undefined;
      if (fills && !this.#options.fillModifiers) {
        throw tokens.error('binop fill modifiers are experimental and not enabled', position);
      }
      left = { kind: 'binary', operator, left, right, returnBool, matching, position };
    }
  }

  #unary(): Expression {
    const tokens = this.#tokens;
    const token = tokens.peek();
    if (token.type !== '+' && token.type !== '-') return parsePostfix(tokens, this.#primary());
    tokens.next();
    const operand = tokens.nested(() => this.#binary(UNARY_PRECEDENCE + 1));
    const position = { start: token.start, end: operand.position.end };
    if (operand.kind !== 'number')
      return { kind: 'unary', operator: token.type, expression: operand, position };
    return { ...operand, value: token.type === '-' ? -operand.value : operand.value, position };
  }

  #primary(): Expression {
    const tokens = this.#tokens;
    const token = tokens.peek();
    if (token.type === '(') return this.#paren();
    if (isNumberToken(token)) return parseNumberToken(tokens, tokens.next());
    if (token.type === 'STRING') {
      tokens.next();
      return { kind: 'string', value: unquoteGo(token.text), position: positionOf(token) };
    }
    if (token.type === '{') return parseVectorSelector(tokens, tokens.next());
    if (!isMetricName(token.type)) return tokens.unexpected();
    tokens.next();
    return this.#named(token);
  }

  /** Something that starts with a name: an aggregation, a call or a selector. */
  #named(token: Token): Expression {
    const tokens = this.#tokens;
    const next = tokens.peek().type;
    if (AGGREGATIONS.has(token.type) && (next === '(' || next === 'by' || next === 'without')) {
      return parseAggregation(tokens, token, () => this.#args(), this.#options);
    }
    const callable = token.type === 'IDENTIFIER' || PREPROCESSORS.has(token.type);
    if (callable && next === '(') return this.#call(token);
    return parseVectorSelector(tokens, token);
  }

  #call(token: Token): Expression {
    const args = this.#args();
    const signature = FUNCTION_SIGNATURES.get(token.text);
    if (!signature) {
      throw this.#tokens.error(`unknown function with name ${quoteGo(token.text)}`, positionOf(token));
    }
    if (signature.experimental && !this.#options.experimentalFunctions) {
      throw this.#tokens.error(`function ${quoteGo(token.text)} is not enabled`, positionOf(token));
    }
    return {
      kind: 'call',
      name: token.text,
      args,
      position: { start: token.start, end: this.#tokens.lastEnd },
    };
  }

  #args(): Expression[] {
    const tokens = this.#tokens;
    tokens.expect('(');
    const args: Expression[] = [];
    if (tokens.take(')')) return args;
    for (;;) {
      args.push(tokens.nested(() => this.#binary(1)));
      if (tokens.take(')')) return args;
      const comma = tokens.expect(',');
      if (!startsExpression(tokens.peek())) {
        throw tokens.error('trailing commas not allowed in function call args', positionOf(comma));
      }
    }
  }

  #paren(): Expression {
    const tokens = this.#tokens;
    const { start } = tokens.next();
    const expression = tokens.nested(() => this.#binary(1));
    tokens.expect(')');
    return { kind: 'paren', expression, position: { start, end: tokens.lastEnd } };
  }
}
