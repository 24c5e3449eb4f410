import type { Matcher } from '../queryable.ts';
import type { Position } from './position.ts';

/** What an expression evaluates to. */
export type ValueType = 'scalar' | 'vector' | 'matrix' | 'string';

/** The `@` modifier: a fixed time, or the start or end of the query. */
export type AtModifier =
  | { readonly kind: 'time'; readonly timeMs: number }
  | { readonly kind: 'start' }
  | { readonly kind: 'end' };

export interface NumberLiteral {
  readonly kind: 'number';
  readonly value: number;
  /** Written as a duration; `value` is in seconds then too. */
  readonly isDuration: boolean;
  readonly position: Position;
}

export interface StringLiteral {
  readonly kind: 'string';
  readonly value: string;
  readonly position: Position;
}

/** Arithmetic on durations inside brackets and after `offset`; one without a left side is unary. */
export interface DurationOperation {
  readonly kind: 'duration';
  readonly operator: '+' | '-' | '*' | '/' | '%' | '^' | 'step' | 'range' | 'max_of' | 'min_of';
  readonly left?: DurationExpression;
  readonly right?: DurationExpression;
  readonly wrapped?: boolean;
  readonly position: Position;
}

export type DurationExpression = NumberLiteral | DurationOperation;

/** A time span: milliseconds, and the expression they come from where it depends on the query. */
export interface Span {
  readonly ms: number;
  readonly expression?: DurationOperation;
}

export interface VectorSelector {
  readonly kind: 'selector';
  /** The metric name written before the braces, or ''. It is also among the matchers. */
  readonly name: string;
  readonly matchers: readonly Matcher[];
  readonly offset?: Span;
  readonly at?: AtModifier;
  readonly extended?: 'anchored' | 'smoothed';
  readonly position: Position;
}

export interface MatrixSelector {
  readonly kind: 'range';
  /** Its offset and `@` are those of the whole range selector. */
  readonly selector: VectorSelector;
  readonly range: Span;
  readonly position: Position;
}

export interface Subquery {
  readonly kind: 'subquery';
  readonly expression: Expression;
  readonly range: Span;
  /** Absent: the default resolution. */
  readonly step?: Span;
  readonly offset?: Span;
  readonly at?: AtModifier;
  readonly position: Position;
}

export interface Call {
  readonly kind: 'call';
  readonly name: string;
  readonly args: readonly Expression[];
  readonly position: Position;
}

export interface Aggregation {
  readonly kind: 'aggregation';
  readonly operator: string;
  readonly expression: Expression;
  readonly parameter?: Expression;
  readonly grouping: readonly string[];
  readonly without: boolean;
  readonly position: Position;
}

export interface VectorMatching {
  readonly cardinality: 'one-to-one' | 'many-to-one' | 'one-to-many' | 'many-to-many';
  readonly labels: readonly string[];
  readonly on: boolean;
  readonly include: readonly string[];
  readonly fillLeft?: number;
  readonly fillRight?: number;
}

export interface Binary {
  readonly kind: 'binary';
  readonly operator: string;
  readonly left: Expression;
  readonly right: Expression;
  readonly returnBool: boolean;
  readonly matching: VectorMatching;
  readonly position: Position;
}

export interface Unary {
  readonly kind: 'unary';
  readonly operator: '+' | '-';
  readonly expression: Expression;
  readonly position: Position;
}

export interface Paren {
  readonly kind: 'paren';
  readonly expression: Expression;
  readonly position: Position;
}

export type Expression =
  | NumberLiteral
  | StringLiteral
  | VectorSelector
  | MatrixSelector
  | Subquery
  | Call
  | Aggregation
  | Binary
  | Unary
  | Paren;
