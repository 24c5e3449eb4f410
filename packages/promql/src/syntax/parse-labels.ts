import { quoteGo, unquoteGo } from '../text/go-quote.ts';
import { needsQuotes } from './char-class.ts';
import { positionOf, type TokenStream } from './token-stream.ts';
import { isLabelName } from './tokens.ts';

/** A list of labels in parentheses, as after `by`, `on` and `group_left`. */
export function parseLabelList(tokens: TokenStream, unquotedUtf8Names: boolean): string[] {
  tokens.expect('(', 'grouping opts', '"("');
  const labels: string[] = [];
  if (tokens.take(')')) return labels;
  for (;;) {
    labels.push(parseLabel(tokens, unquotedUtf8Names));
    if (tokens.take(')')) return labels;
    tokens.expect(',', 'grouping opts', '"," or ")"');
    // A trailing comma is fine here.
    if (tokens.take(')')) return labels;
  }
}

function parseLabel(tokens: TokenStream, unquotedUtf8Names: boolean): string {
  const token = tokens.peek();
  if (token.type === 'STRING') {
    tokens.next();
    const name = unquoteGo(token.text);
    if (name === '' || /[\ud800-\udfff]/u.test(name)) {
      throw tokens.error(`invalid label name for grouping: ${quoteGo(name)}`, positionOf(token));
    }
    return name;
  }
  if (!isLabelName(token.type)) return tokens.unexpected('grouping opts', 'label');
  tokens.next();
  if (unquotedUtf8Names && needsQuotes(token.text, true)) {
    throw tokens.error(`invalid label name for grouping: ${quoteGo(token.text)}`, positionOf(token));
  }
  return token.text;
}
