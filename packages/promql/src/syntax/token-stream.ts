import { Lexer } from './lexer.ts';
import { type Position, PromqlParseError } from './position.ts';
import { describeToken, type Token, type TokenType } from './tokens.ts';

/**
 * The deepest nesting accepted. The parser and the evaluator recurse; this keeps both far from the stack's end, and is
 * several times what any generated query was seen to need.
 */
const MAX_DEPTH = 500;

/** What the parser reads: one token of lookahead, fetched only when asked for, so that errors come in text order. */
export class TokenStream {
  readonly text: string;
  /** Open aggregations; a token that fits nowhere inside one is reported as such. */
  aggregations = 0;
  readonly #lexer: Lexer;
  #peeked: Token | undefined;
  #last: Token = { type: 'EOF', start: 0, text: '' };
  #lastEnd = 0;
  #depth = 0;

  constructor(text: string, unquotedUtf8Names: boolean) {
    this.text = text;
    this.#lexer = new Lexer(text, { unquotedUtf8Names });
  }

  peek(): Token {
    if (!this.#peeked) {
      this.#peeked = this.#lexer.next();
      this.#last = this.#peeked;
    }
    return this.#peeked;
  }

  next(): Token {
    const token = this.peek();
    this.#peeked = undefined;
    this.#lastEnd = token.start + token.text.length;
    return token;
  }

  /** The end of the token taken last. */
  get lastEnd(): number {
    return this.#lastEnd;
  }

  is(type: TokenType): boolean {
    return this.peek().type === type;
  }

  take(type: TokenType): Token | undefined {
    return this.is(type) ? this.next() : undefined;
  }

  /** Takes a token of this type or fails with the given context. */
  expect(type: TokenType, context = '', expected = ''): Token {
    return this.take(type) ?? this.unexpected(context, expected);
  }

  /** Runs a nested rule, bounded in depth. */
  nested<T>(rule: () => T): T {
    if (++this.#depth > MAX_DEPTH) {
      throw this.error(`expression is nested deeper than ${MAX_DEPTH} levels`, positionOf(this.#last));
    }
    const result = rule();
    this.#depth--;
    return result;
  }

  /** Fails at the token read last: in the context of the innermost rule that has one. */
  unexpected(context = '', expected = ''): never {
    const token = this.peek();
    const where = context === '' && this.aggregations > 0 ? 'aggregation' : context;
    const detail = `unexpected ${describeToken(token)}${where && ` in ${where}`}${expected && `, expected ${expected}`}`;
    throw this.error(detail, positionOf(token));
  }

  error(detail: string, position: Position): PromqlParseError {
    return new PromqlParseError(detail, position, this.text);
  }
}

export function positionOf(token: Token): Position {
  return { start: token.start, end: token.start + token.text.length };
}
