export { Labels, METRIC_NAME } from './labels.ts';
export { literalAlternatives, matcherError, matcherPredicate } from './matcher.ts';
export type { Instants, Matcher, MatchType, Queryable, SelectRequest, SeriesColumns } from './queryable.ts';
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
export { FUNCTION_SIGNATURES, type FunctionSignature } from './syntax/function-signatures.ts';
export { prettyExpression } from './syntax/pretty.ts';
export { parseExpression, parseSelector, type ParserOptions } from './syntax/parser.ts';
export { type Position, PromqlParseError } from './syntax/position.ts';
export { documentedType, valueTypeOf } from './syntax/value-type.ts';
export { childrenOf, selectorsOf, type SelectorUse, visitExpression } from './syntax/visit.ts';
export { DurationError, formatDuration, parseDuration } from './text/duration.ts';
export { formatGoFloat, formatGoGeneral, parseGoFloat } from './text/go-number.ts';
export { quoteGo } from './text/go-quote.ts';
export {
  createEngine,
  type Engine,
  type EngineOptions,
  type InstantQuery,
  type QueryInput,
  type RangeQuery,
} from './engine.ts';
export { PromqlError, type PromqlErrorKind } from './errors.ts';
export {
  type Bucket,
  type Buckets,
  type CounterResetHint,
  FloatHistogram,
  type FloatHistogramFields,
  NO_BUCKETS,
} from './histogram/float-histogram.ts';
export { coarsen } from './histogram/combine.ts';
export { withDerivedHint } from './histogram/derive-hints.ts';
export { type MemorySample, MemoryStorage } from './memory-storage.ts';
export type {
  InstantVector,
  Matrix,
  MatrixSeries,
  QueryResult,
  QueryStats,
  QueryValue,
  ScalarResult,
  StringResult,
} from './result.ts';
export { type RollupColumns, type RollupSketches, SKETCH_FUNCTIONS } from './rollup/rollup-columns.ts';
export { MIN_BUCKETS } from './rollup/resolve-rollups.ts';
export { sketchKey } from './rollup/sketch.ts';
export { hasStaleMarker, isStaleMarker, setStaleMarker } from './stale-marker.ts';
export {
  parseSeriesDescription,
  type SequenceValue,
  type SeriesDescription,
} from './syntax/series-description.ts';
export { TestFileError } from './testing/parse-test-file.ts';
export { runPromqlTest, type TestFailure, type TestRun } from './testing/run-test-file.ts';
