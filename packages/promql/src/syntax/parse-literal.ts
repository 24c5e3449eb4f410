import { DurationError, parseDuration } from '../text/duration.ts';
import { parseGoNumber } from '../text/go-number.ts';
import { quoteGo } from '../text/go-quote.ts';
import type { NumberLiteral } from './ast.ts';
import { positionOf, type TokenStream } from './token-stream.ts';
import type { Token } from './tokens.ts';

/** A number or a duration, the latter in seconds. The token must be of one of these types. */
export function parseNumberToken(tokens: TokenStream, token: Token): NumberLiteral {
  const position = positionOf(token);
  const isDuration = token.type === 'DURATION';
  const value = isDuration ? durationSeconds(tokens, token) : numberValue(tokens, token);
  return { kind: 'number', value, isDuration, position };
}

export function isNumberToken(token: Token): boolean {
  return token.type === 'NUMBER' || token.type === 'DURATION';
}

function durationSeconds(tokens: TokenStream, token: Token): number {
  try {
    return parseDuration(token.text) / 1000;
  } catch (error) {
    if (!(error instanceof DurationError)) throw error;
    throw tokens.error(error.message, positionOf(token));
  }
}

function numberValue(tokens: TokenStream, token: Token): number {
  const value = parseGoNumber(token.text);
  if (value === undefined) {
    const detail = `error parsing number: strconv.ParseFloat: parsing ${quoteGo(token.text)}: invalid syntax`;
    throw tokens.error(detail, positionOf(token));
  }
  if (!Number.isFinite(value) && /^[\d.]/.test(token.text)) {
    const detail = `error parsing number: strconv.ParseFloat: parsing ${quoteGo(token.text)}: value out of range`;
    throw tokens.error(detail, positionOf(token));
  }
  return value;
}
