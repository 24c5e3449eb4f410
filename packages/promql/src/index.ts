export { Labels, METRIC_NAME } from './labels.ts';
export { literalAlternatives, matcherError, matcherPredicate } from './matcher.ts';
export type { Matcher, MatchType, Queryable, SelectRequest, SeriesColumns } from './queryable.ts';
export type {
  Aggregation,
  AtModifier,
  Binary,
  Call,
  DurationExpression,
  DurationOperation,
  Expression,
  MatrixSelector,
  NumberLiteral,
  Paren,
  Span,
  StringLiteral,
  Subquery,
  Unary,
  ValueType,
  VectorMatching,
  VectorSelector,
} from './syntax/ast.ts';
export { formatExpression, type FormatOptions } from './syntax/format.ts';
export { parseExpression, parseSelector, type ParserOptions } from './syntax/parser.ts';
export { type Position, PromqlParseError } from './syntax/position.ts';
export { documentedType, valueTypeOf } from './syntax/value-type.ts';
export { childrenOf, selectorsOf, type SelectorUse, visitExpression } from './syntax/visit.ts';
export { DurationError, formatDuration, parseDuration } from './text/duration.ts';
export { formatGoFloat, formatGoGeneral, parseGoFloat } from './text/go-number.ts';
export { quoteGo } from './text/go-quote.ts';
