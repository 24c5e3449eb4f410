import type { VectorMatching } from './ast.ts';
import { isNumberToken, parseNumberToken } from './parse-literal.ts';
import { parseLabelList } from './parse-labels.ts';
import type { TokenStream } from './token-stream.ts';
import { startsExpression } from './tokens.ts';

/** What may stand between a binary operator and its right side. */
export function parseMatching(
  tokens: TokenStream,
  unquotedUtf8Names: boolean,
): { returnBool: boolean; matching: VectorMatching } {
  const returnBool = tokens.take('bool') !== undefined;
  const on = tokens.is('on');
  let labels: readonly string[] = [];
  let include: readonly string[] = [];
  let cardinality: VectorMatching['cardinality'] = 'one-to-one';
  if (on || tokens.is('ignoring')) {
    tokens.next();
    labels = parseLabelList(tokens, unquotedUtf8Names);
    const group = tokens.take('group_left') ?? tokens.take('group_right');
    if (group) {
      cardinality = group.type === 'group_left' ? 'many-to-one' : 'one-to-many';
      if (tokens.is('(')) include = parseLabelList(tokens, unquotedUtf8Names);
      else if (!startsExpression(tokens.peek()) && !tokens.peek().type.startsWith('fill')) {
        tokens.unexpected('grouping opts', '"("');
      }
    }
  }
  return { returnBool, matching: { cardinality, labels, on, include, ...parseFills(tokens) } };
}

function parseFills(tokens: TokenStream): { fillLeft?: number; fillRight?: number } {
  if (tokens.take('fill')) {
    const value = parseFillValue(tokens);
    return { fillLeft: value, fillRight: value };
  }
  if (tokens.take('fill_left')) {
    const fillLeft = parseFillValue(tokens);
    return tokens.take('fill_right') ? { fillLeft, fillRight: parseFillValue(tokens) } : { fillLeft };
  }
  if (!tokens.take('fill_right')) return {};
  const fillRight = parseFillValue(tokens);
  return tokens.take('fill_left') ? { fillLeft: parseFillValue(tokens), fillRight } : { fillRight };
}

function parseFillValue(tokens: TokenStream): number {
  tokens.expect('(');
  const sign = tokens.take('+') ?? tokens.take('-');
  if (!isNumberToken(tokens.peek())) tokens.unexpected();
  const { value } = parseNumberToken(tokens, tokens.next());
  tokens.expect(')');
  return sign?.type === '-' ? -value : value;
}
