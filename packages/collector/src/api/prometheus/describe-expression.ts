import {
  type AtModifier,
  type Binary,
  type Call,
  type DurationExpression,
  type Expression,
  formatGoFloat,
  FUNCTION_SIGNATURES,
  type MatrixSelector,
  type Span,
  type Subquery,
  valueTypeOf,
  type VectorSelector,
} from '@plimsoll/promql';

/** A node of the tree, as Prometheus' /parse_query writes it. */
export type DescribedNode = Readonly<Record<string, unknown>>;

const SET_OPERATORS = new Set(['and', 'or', 'unless']);

/** The syntax tree in the form of Prometheus' /parse_query. Durations are milliseconds. */
export function describeExpression(expression: Expression): DescribedNode {
  switch (expression.kind) {
    case 'number':
      return { type: 'numberLiteral', val: formatGoFloat(expression.value) };
    case 'string':
      return { type: 'stringLiteral', val: expression.value };
    case 'selector':
      return { type: 'vectorSelector', ...describeSelector(expression) };
    case 'range':
      return describeRange(expression);
    case 'subquery':
      return describeSubquery(expression);
    case 'call':
      return describeCall(expression);
    case 'aggregation':
      return {
        type: 'aggregation',
        op: expression.operator,
        expr: describeExpression(expression.expression),
        param: expression.parameter === undefined ? null : describeExpression(expression.parameter),
        grouping: expression.grouping,
        without: expression.without,
      };
    case 'binary':
      return describeBinary(expression);
    case 'unary':
      return { type: 'unaryExpr', op: expression.operator, expr: describeExpression(expression.expression) };
    case 'paren':
      break;
  }
  return { type: 'parenExpr', expr: describeExpression(expression.expression) };
}

function describeSelector(selector: VectorSelector): DescribedNode {
  return {
    name: selector.name,
    offset: spanMs(selector.offset),
    offsetExpr: describeSpan(selector.offset),
    matchers: selector.matchers.map(({ name, type, value }) => ({ name, type, value })),
    ...describeAt(selector.at),
    anchored: selector.extended === 'anchored',
    smoothed: selector.extended === 'smoothed',
  };
}

function describeRange({ selector, range }: MatrixSelector): DescribedNode {
  return {
    type: 'matrixSelector',
    ...describeSelector(selector),
    range: spanMs(range),
    rangeExpr: describeSpan(range),
  };
}

function describeSubquery(subquery: Subquery): DescribedNode {
  return {
    type: 'subquery',
    expr: describeExpression(subquery.expression),
    range: spanMs(subquery.range),
    rangeExpr: describeSpan(subquery.range),
    offset: spanMs(subquery.offset),
    offsetExpr: describeSpan(subquery.offset),
    step: spanMs(subquery.step),
    stepExpr: describeSpan(subquery.step),
    ...describeAt(subquery.at),
  };
}

function describeBinary(binary: Binary): DescribedNode {
  const { matching } = binary;
  const ofVectors = valueTypeOf(binary.left) === 'vector' && valueTypeOf(binary.right) === 'vector';
  return {
    type: 'binaryExpr',
    op: binary.operator,
    lhs: describeExpression(binary.left),
    rhs: describeExpression(binary.right),
    matching: ofVectors
      ? {
          card: SET_OPERATORS.has(binary.operator) ? 'many-to-many' : matching.cardinality,
          labels: matching.labels,
          on: matching.on,
          include: matching.include,
          fillValues: { lhs: matching.fillLeft ?? null, rhs: matching.fillRight ?? null },
        }
      : null,
    bool: binary.returnBool,
  };
}

function describeCall({ name, args }: Call): DescribedNode {
  const signature = FUNCTION_SIGNATURES.get(name);
  return {
    type: 'call',
    func: {
      name,
      argTypes: signature?.args ?? [],
      variadic: signature?.variadic ?? 0,
      returnType: signature?.returns ?? 'vector',
    },
    args: args.map(describeExpression),
  };
}

/** The arithmetic a span was written as; null for a plain duration. */
function describeSpan(span: Span | undefined): DescribedNode | null {
  return span?.expression === undefined ? null : describeDuration(span.expression);
}

function describeDuration(expression: DurationExpression): DescribedNode {
  if (expression.kind === 'number') {
    return { ...describeExpression(expression), duration: expression.isDuration };
  }
  const { operator, left, right, wrapped } = expression;
  return {
    type: 'durationExpr',
    op: operator,
    lhs: left === undefined ? null : describeDuration(left),
    rhs: right === undefined ? null : describeDuration(right),
    wrapped: wrapped ?? false,
  };
}

function spanMs(span: Span | undefined): number {
  return span?.ms ?? 0;
}

function describeAt(at: AtModifier | undefined): DescribedNode {
  return {
    timestamp: at?.kind === 'time' ? at.timeMs : null,
    startOrEnd: at === undefined || at.kind === 'time' ? null : at.kind,
  };
}
