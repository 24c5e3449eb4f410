import {
  type AtModifier,
  type Binary,
  type Expression,
  formatGoFloat,
  type MatrixSelector,
  type Span,
  type Subquery,
  valueTypeOf,
  type VectorSelector,
} from '@plimsoll/promql';

/** A node of the tree, as Prometheus' /parse_query writes it. */
export type DescribedNode = Readonly<Record<string, unknown>>;

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
      return {
        type: 'call',
        func: {
          name: expression.name,
          argTypes: expression.args.map(valueTypeOf),
          variadic: 0,
          returnType: valueTypeOf(expression),
        },
        args: expression.args.map(describeExpression),
      };
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
    matchers: selector.matchers.map(({ name, type, value }) => ({ name, type, value })),
    ...describeAt(selector.at),
    ...(selector.extended === undefined ? {} : { [selector.extended]: true }),
  };
}

function describeRange({ selector, range }: MatrixSelector): DescribedNode {
  return { type: 'matrixSelector', ...describeSelector(selector), range: spanMs(range) };
}

function describeSubquery(subquery: Subquery): DescribedNode {
  return {
    type: 'subquery',
    expr: describeExpression(subquery.expression),
    range: spanMs(subquery.range),
    offset: spanMs(subquery.offset),
    step: spanMs(subquery.step),
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
      ? { card: matching.cardinality, labels: matching.labels, on: matching.on, include: matching.include }
      : null,
    bool: binary.returnBool,
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
