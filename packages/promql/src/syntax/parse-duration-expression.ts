import type { DurationExpression, DurationOperation, NumberLiteral, Span } from './ast.ts';
import { isNumberToken, parseNumberToken } from './parse-literal.ts';
import type { Position } from './position.ts';
import { positionOf, type TokenStream } from './token-stream.ts';
import type { Token } from './tokens.ts';

/** The longest duration in seconds that fits Prometheus' 64-bit nanoseconds. */
const MAX_SECONDS = 2 ** 63 / 1e9;

const PRECEDENCE: Readonly<Record<string, number>> = { '+': 1, '-': 1, '*': 2, '/': 2, '%': 2, '^': 3 };
const UNARY_PRECEDENCE = 2;

/** What to say about a token that cannot be in a duration. */
interface Context {
  readonly context: string;
  readonly expected: string;
}

/** The range or step inside brackets; it must be positive where it is a literal. */
export function parsePositiveDuration(tokens: TokenStream, context: Context): DurationExpression {
  const duration = parseBinary(tokens, 1, context);
  if (duration.kind === 'number' && duration.value <= 0) {
    throw tokens.error('duration must be greater than 0', duration.position);
  }
  return duration;
}

/**
 * What follows `offset`. Without parentheses only one literal or call belongs to it, so that `a offset 5m - b`
 * subtracts series; in parentheses it is a whole duration expression, which arithmetic behind them continues.
 */
export function parseOffsetDuration(tokens: TokenStream): DurationExpression {
  const context = { context: 'offset', expected: 'number, duration, step(), or range()' };
  const sign = tokens.take('+') ?? tokens.take('-');
  if (!sign) return tokens.is('(') ? parseBinary(tokens, 1, context) : parsePrimary(tokens, context);
  if (tokens.is('(')) {
    const open = tokens.next();
    const inner = parseBinary(tokens, 1, context);
    tokens.expect(')', context.context, context.expected);
    return applySign(tokens, sign, wrap(inner, { start: open.start, end: tokens.lastEnd }));
  }
  if (tokens.is('+') || tokens.is('-')) {
    // A second sign makes it an expression, which arithmetic behind it continues.
    return continueBinary(tokens, signed(tokens, sign, context), 1, context);
  }
  const call = tokens.peek().type;
  const operand = parsePrimary(tokens, context);
  return applySign(tokens, sign, operand, call === 'max_of' || call === 'min_of');
}

/** A duration as it is kept in selectors: milliseconds for a literal, else the expression. */
export function toSpan(duration: DurationExpression): Span {
  if (duration.kind === 'duration') return { ms: 0, expression: duration };
  // Seconds become nanoseconds, rounded, and of these the whole milliseconds count.
  return { ms: Math.trunc(Math.round(duration.value * 1e9) / 1e6) };
}

function parseBinary(tokens: TokenStream, minimum: number, context: Context): DurationExpression {
  return continueBinary(tokens, parseUnary(tokens, context), minimum, context);
}

function continueBinary(
  tokens: TokenStream,
  first: DurationExpression,
  minimum: number,
  context: Context,
): DurationExpression {
  let left = first;
  for (;;) {
    const precedence = PRECEDENCE[tokens.peek().type] ?? 0;
    if (precedence < minimum) return left;
    const operator = tokens.next();
    const nextMinimum = operator.type === '^' ? precedence : precedence + 1;
    const right = tokens.nested(() => parseBinary(tokens, nextMinimum, context));
    left = combine(tokens, left, operator, right);
  }
}

function combine(
  tokens: TokenStream,
  left: DurationExpression,
  operator: Token,
  right: DurationExpression,
): DurationOperation {
  if (right.kind === 'number' && right.value === 0 && (operator.type === '/' || operator.type === '%')) {
    const what = operator.type === '/' ? 'division by zero' : 'modulo by zero';
    throw tokens.error(what, positionOf(operator));
  }
  const position = { start: left.position.start, end: right.position.end };
  return { kind: 'duration', operator: operator.type as '+', left, right, position };
}

function parseUnary(tokens: TokenStream, context: Context): DurationExpression {
  const sign = tokens.take('+') ?? tokens.take('-');
  return sign ? signed(tokens, sign, context) : parsePrimary(tokens, context);
}

function signed(tokens: TokenStream, sign: Token, context: Context): DurationExpression {
  const operand = tokens.nested(() => parseBinary(tokens, UNARY_PRECEDENCE + 1, context));
  return applySign(tokens, sign, operand);
}

function parsePrimary(tokens: TokenStream, context: Context): DurationExpression {
  const token = tokens.peek();
  if (isNumberToken(token))
    return inRange(tokens, parseNumberToken(tokens, tokens.next()), positionOf(token));
  if (token.type === 'step' || token.type === 'range') {
    tokens.next();
    tokens.expect('(', context.context, context.expected);
    tokens.expect(')', context.context, context.expected);
    return { kind: 'duration', operator: token.type, position: { start: token.start, end: tokens.lastEnd } };
  }
  if (token.type === 'max_of' || token.type === 'min_of') return parseExtremum(tokens, token.type, context);
  if (token.type === '(') {
    tokens.next();
    const inner = tokens.nested(() => parseBinary(tokens, 1, context));
    tokens.expect(')', context.context, context.expected);
    return wrap(inner, { start: token.start, end: tokens.lastEnd });
  }
  return tokens.unexpected(context.context, context.expected);
}

function parseExtremum(
  tokens: TokenStream,
  operator: 'max_of' | 'min_of',
  context: Context,
): DurationOperation {
  const { start } = tokens.next();
  tokens.expect('(', context.context, context.expected);
  const left = tokens.nested(() => parseBinary(tokens, 1, context));
  tokens.expect(',', context.context, context.expected);
  const right = tokens.nested(() => parseBinary(tokens, 1, context));
  tokens.expect(')', context.context, context.expected);
  return { kind: 'duration', operator, left, right, position: { start, end: tokens.lastEnd } };
}

/** Marks parentheses, so that the canonical form has them too. */
function wrap(inner: DurationExpression, position: Position): DurationOperation {
  if (inner.kind === 'duration') return { ...inner, wrapped: true };
  return { kind: 'duration', operator: '+', right: inner, wrapped: true, position };
}

function applySign(
  tokens: TokenStream,
  sign: Token,
  operand: DurationExpression,
  keep = false,
): DurationExpression {
  const position = { start: sign.start, end: operand.position.end };
  if (operand.kind === 'duration') {
    if (sign.type === '-') return { kind: 'duration', operator: '-', right: operand, position };
    return keep ? { kind: 'duration', operator: '+', right: operand, position } : operand;
  }
  const value = sign.type === '-' ? -operand.value : operand.value;
  return inRange(tokens, { ...operand, value, position }, positionOf(sign));
}

function inRange(tokens: TokenStream, literal: NumberLiteral, position: Position): NumberLiteral {
  if (Math.abs(literal.value) > MAX_SECONDS) throw tokens.error('duration out of range', position);
  return literal;
}
