import type { AtModifier, Expression, Span, Subquery } from './ast.ts';
import { parseOffsetDuration, parsePositiveDuration, toSpan } from './parse-duration-expression.ts';
import { isNumberToken, parseNumberToken } from './parse-literal.ts';
import type { TokenStream } from './token-stream.ts';

const ONLY_SELECTORS =
  'must be preceded by an instant vector selector or range vector selector or a subquery';

/** Everything that follows an operand: ranges, subqueries, `offset`, `@`, `anchored` and `smoothed`. */
export function parsePostfix(tokens: TokenStream, operand: Expression): Expression {
  let expression = operand;
  for (;;) {
    const { type } = tokens.peek();
    if (type === '[') expression = parseBrackets(tokens, expression);
    else if (type === 'offset') expression = parseOffset(tokens, expression);
    else if (type === '@') expression = parseAt(tokens, expression);
    else if (type === 'anchored' || type === 'smoothed') expression = parseExtended(tokens, expression, type);
    else return expression;
  }
}

function parseBrackets(tokens: TokenStream, expression: Expression): Expression {
  const open = tokens.next();
  const range = parsePositiveDuration(tokens, {
    context: 'subquery or range selector',
    expected: 'number, duration, step(), or range()',
  });
  if (tokens.take(':')) return parseSubquery(tokens, expression, toSpan(range));
  tokens.expect(']', 'subquery or range', '":" or "]"');
  const fail = (detail: string) => tokens.error(detail, { start: open.start, end: tokens.lastEnd });
  if (expression.kind !== 'selector') throw fail('ranges only allowed for vector selectors');
  if (hasOffset(expression.offset)) throw fail('no offset modifiers allowed before range');
  if (expression.at) throw fail('no @ modifiers allowed before range');
  const position = { start: expression.position.start, end: tokens.lastEnd };
  return { kind: 'range', selector: expression, range: toSpan(range), position };
}

function parseSubquery(tokens: TokenStream, expression: Expression, range: Span): Subquery {
  const common = { kind: 'subquery' as const, expression, range };
  const { start } = expression.position;
  if (tokens.take(']')) return { ...common, position: { start, end: tokens.lastEnd } };
  const step = parsePositiveDuration(tokens, {
    context: 'subquery selector',
    expected: 'number, duration, step(), range(), or "]"',
  });
  tokens.expect(']', 'subquery selector', '"]"');
  return { ...common, step: toSpan(step), position: { start, end: tokens.lastEnd } };
}

function hasOffset(offset: Span | undefined): boolean {
  return offset !== undefined && (offset.ms !== 0 || offset.expression !== undefined);
}

function parseOffset(tokens: TokenStream, expression: Expression): Expression {
  tokens.next();
  const offset = toSpan(parseOffsetDuration(tokens));
  const target = expression.kind === 'range' ? expression.selector : expression;
  if (target.kind !== 'selector' && target.kind !== 'subquery') {
    throw tokens.error(`offset modifier ${ONLY_SELECTORS}`, expression.position);
  }
  if (hasOffset(target.offset))
    throw tokens.error('offset may not be set multiple times', expression.position);
  const position = { start: expression.position.start, end: tokens.lastEnd };
  if (expression.kind === 'range')
    return { ...expression, selector: { ...expression.selector, offset }, position };
  return { ...target, offset, position };
}

function parseAt(tokens: TokenStream, expression: Expression): Expression {
  tokens.next();
  const { type } = tokens.peek();
  let at: AtModifier;
  if (type === 'start' || type === 'end') {
    tokens.next();
    tokens.expect('(', '@', 'timestamp');
    tokens.expect(')', '@', 'timestamp');
    at = { kind: type };
  } else at = { kind: 'time', timeMs: parseTimestamp(tokens, expression) };
  const target = expression.kind === 'range' ? expression.selector : expression;
  if (target.kind !== 'selector' && target.kind !== 'subquery') {
    throw tokens.error(`@ modifier ${ONLY_SELECTORS}`, expression.position);
  }
  if (target.at) throw tokens.error('@ <timestamp> may not be set multiple times', expression.position);
  const position = { start: expression.position.start, end: tokens.lastEnd };
  if (expression.kind === 'range')
    return { ...expression, selector: { ...expression.selector, at }, position };
  return { ...target, at, position };
}

function parseTimestamp(tokens: TokenStream, expression: Expression): number {
  const sign = tokens.take('+') ?? tokens.take('-');
  if (!isNumberToken(tokens.peek())) tokens.unexpected('@', 'timestamp');
  const { value } = parseNumberToken(tokens, tokens.next());
  const seconds = sign?.type === '-' ? -value : value;
  if (!(Math.abs(seconds) < 2 ** 63)) {
    const shown = Number.isFinite(seconds) ? `${BigInt(seconds)}.000000` : formatInfinite(seconds);
    throw tokens.error(`timestamp out of bounds for @ modifier: ${shown}`, expression.position);
  }
  const ms = seconds * 1000;
  // Go rounds halves away from zero.
  return Math.sign(ms) * Math.round(Math.abs(ms));
}

function formatInfinite(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '+Inf' : '-Inf';
}

function parseExtended(
  tokens: TokenStream,
  expression: Expression,
  extended: 'anchored' | 'smoothed',
): Expression {
  tokens.next();
  if (expression.kind === 'subquery') {
    throw tokens.error(`${extended} modifier is not supported for subqueries`, expression.position);
  }
  const target = expression.kind === 'range' ? expression.selector : expression;
  if (target.kind !== 'selector')
    throw tokens.error(`${extended} modifier not implemented`, expression.position);
  if (target.extended !== undefined && target.extended !== extended) {
    throw tokens.error('anchored and smoothed modifiers cannot be used together', expression.position);
  }
  const selector = { ...target, extended };
  return expression.kind === 'range' ? { ...expression, selector } : selector;
}
