import { quoteGo, unquoteGo } from '../text/go-quote.ts';
import { METRIC_NAME } from '../labels.ts';
import { matcherError } from '../matcher.ts';
import type { Matcher, MatchType } from '../queryable.ts';
import type { VectorSelector } from './ast.ts';
import type { TokenStream } from './token-stream.ts';
import { isMetricName, type Token } from './tokens.ts';

const MATCH_OPERATORS = new Set(['=', '!=', '=~', '!~']);

/** An instant vector selector, its first token already taken: a metric name or the opening brace. */
export function parseVectorSelector(tokens: TokenStream, first: Token): VectorSelector {
  const { start } = first;
  if (first.type === '{') {
    const matchers = parseMatchers(tokens);
    return { kind: 'selector', name: '', matchers, position: { start, end: tokens.lastEnd } };
  }
  if (!isMetricName(first.type)) tokens.unexpected();
  const matchers = tokens.take('{') ? parseMatchers(tokens) : [];
  const nameMatcher: Matcher = { name: METRIC_NAME, type: '=', value: first.text };
  const position = { start, end: tokens.lastEnd };
  return { kind: 'selector', name: first.text, matchers: [...matchers, nameMatcher], position };
}

function parseMatchers(tokens: TokenStream): Matcher[] {
  const matchers: Matcher[] = [];
  if (tokens.take('}')) return matchers;
  for (;;) {
    matchers.push(parseMatcher(tokens));
    if (tokens.take('}')) return matchers;
    tokens.expect(',', 'label matching', '"," or "}"');
    if (tokens.take('}')) return matchers;
  }
}

function parseMatcher(tokens: TokenStream): Matcher {
  const label = tokens.take('IDENTIFIER') ?? tokens.take('STRING');
  if (!label) return tokens.unexpected('label matching', 'identifier or "}"');
  const quoted = label.type === 'STRING';
  const name = quoted ? unquoteGo(label.text) : label.text;
  const operator = tokens.peek();
  if (!MATCH_OPERATORS.has(operator.type)) {
    if (!quoted) return tokens.unexpected('label matching', 'label matching operator');
    if (!tokens.is(',') && !tokens.is('}')) return tokens.unexpected('label matching', '"," or "}"');
    return { name: METRIC_NAME, type: '=', value: name };
  }
  tokens.next();
  const value = tokens.expect('STRING', 'label matching', 'string');
  const matcher: Matcher = { name, type: operator.type as MatchType, value: unquoteGo(value.text) };
  const error = matcherError(matcher);
  if (error !== undefined) throw tokens.error(error, { start: label.start, end: tokens.lastEnd });
  return matcher;
}

/** A metric with its labels as in a series description: `name{a="b"}`, every part optional. */
export function parseMetric(tokens: TokenStream): [name: string, value: string][] {
  const labels: [string, string][] = [];
  if (isMetricName(tokens.peek().type)) labels.push([METRIC_NAME, tokens.next().text]);
  if (!tokens.take('{')) return labels;
  if (tokens.take('}')) return labels;
  for (;;) {
    labels.push(parseMetricLabel(tokens));
    if (tokens.take('}')) return labels;
    tokens.expect(',', 'label set', '"," or "}"');
    if (tokens.take('}')) return labels;
  }
}

function parseMetricLabel(tokens: TokenStream): [name: string, value: string] {
  const label = tokens.take('IDENTIFIER') ?? tokens.take('STRING');
  if (!label) return tokens.unexpected('label set', 'identifier or "}"');
  const quoted = label.type === 'STRING';
  const name = quoted ? unquoteGo(label.text) : label.text;
  if (!tokens.take('=')) {
    return quoted ? [METRIC_NAME, name] : tokens.unexpected('label set', quoteGo('='));
  }
  return [name, unquoteGo(tokens.expect('STRING', 'label set', 'string').text)];
}
