import { quoteGo } from '../text/go-quote.ts';

/** Keywords stand for themselves in lower case, punctuation and operators too; the rest are classes in capitals. */
export type TokenType = string;

export interface Token {
  readonly type: TokenType;
  readonly start: number;
  readonly text: string;
}

export const AGGREGATIONS: ReadonlySet<string> = new Set([
  'sum',
  'avg',
  'count',
  'min',
  'max',
  'group',
  'stddev',
  'stdvar',
  'topk',
  'bottomk',
  'count_values',
  'quantile',
  'limitk',
  'limit_ratio',
]);

const WORD_OPERATORS = ['and', 'or', 'unless', 'atan2'];
const SYMBOL_OPERATORS = '+ - * / % ^ == != < <= > >= </ >/ =~ !~ @'.split(' ');
export const OPERATORS: ReadonlySet<string> = new Set([...WORD_OPERATORS, ...SYMBOL_OPERATORS]);

const MODIFIERS: ReadonlySet<string> = new Set(
  'bool by group_left group_right fill fill_left fill_right ignoring offset smoothed anchored on without'.split(
    ' ',
  ),
);

/** Words that are functions when called, and durations or times inside selectors. */
export const PREPROCESSORS: ReadonlySet<string> = new Set([
  'start',
  'end',
  'step',
  'range',
  'max_of',
  'min_of',
]);
export const DURATION_WORDS: ReadonlySet<string> = new Set(['step', 'range', 'max_of', 'min_of']);

const PUNCTUATION: ReadonlySet<string> = new Set('( ) { } [ ] , = :'.split(' '));

export const KEYWORDS: ReadonlySet<string> = new Set([
  ...WORD_OPERATORS,
  ...AGGREGATIONS,
  ...MODIFIERS,
  ...PREPROCESSORS,
]);

/** Keywords that cannot be a metric name where an expression starts. */
const NEVER_NAMES = new Set(['bool', 'on', 'ignoring', 'group_left', 'group_right', 'atan2']);

/** Whether a token can be a metric name on its own. */
export function isMetricName(type: TokenType): boolean {
  if (type === 'IDENTIFIER' || type === 'METRIC_IDENTIFIER') return true;
  return KEYWORDS.has(type) && !NEVER_NAMES.has(type);
}

/** Whether a token can be a label name in a grouping list. */
export function isLabelName(type: TokenType): boolean {
  return type === 'IDENTIFIER' || type === 'METRIC_IDENTIFIER' || (KEYWORDS.has(type) && type !== 'without');
}

/** A token as Prometheus' error messages describe it. */
export function describeToken(token: Token): string {
  const { type, text } = token;
  if (type === 'EOF') return 'end of input';
  if (MODIFIERS.has(type)) return `<${text}>`;
  if (OPERATORS.has(type)) return `<op:${text}>`;
  if (AGGREGATIONS.has(type)) return `<aggr:${text}>`;
  if (type === 'IDENTIFIER') return `identifier ${quoteGo(text)}`;
  if (type === 'METRIC_IDENTIFIER') return `metric identifier ${quoteGo(text)}`;
  const shown =
    new TextEncoder().encode(text).length > 10
      ? `${quoteGo(Array.from(text).slice(0, 10).join(''))}...`
      : quoteGo(text);
  return PUNCTUATION.has(type) || PREPROCESSORS.has(type) ? shown : `${type.toLowerCase()} ${shown}`;
}

/** Tokens, besides numbers and names, that an expression can start with. */
const EXPRESSION_STARTS: ReadonlySet<string> = new Set(['(', '{', '+', '-', 'STRING', 'NUMBER', 'DURATION']);

/** Whether an expression can start with a token. */
export function startsExpression({ type }: Token): boolean {
  return EXPRESSION_STARTS.has(type) || isMetricName(type);
}
