import type { Binary, Expression, Unary } from '../syntax/ast.ts';
import { evaluateAggregation } from './aggregation.ts';
import { evaluateBinary } from './binary.ts';
import { evaluateCall } from './call.ts';
import { type Column, dropMetadata, mergeSameLabels } from './column.ts';
import type { EvaluationContext } from './context.ts';
import { type Grid, singleStep } from './grid.ts';
import { evaluateSelector } from './instant-selector.ts';
import { evaluateSmoothed } from './smoothed-selector.ts';
import type { Value } from './value.ts';

/** Evaluates nodes of one query. Functions that need their operands evaluated are given this. */
export interface Evaluator {
  readonly context: EvaluationContext;
  evaluate(node: Expression, grid: Grid): Value;
  vector(node: Expression, grid: Grid): readonly Column[];
  scalar(node: Expression, grid: Grid): Float64Array;
}

/** An evaluator over the given plan's invariant nodes. */
export function createEvaluator(context: EvaluationContext, invariant: ReadonlySet<Expression>): Evaluator {
  return new TreeEvaluator(context, invariant);
}

class TreeEvaluator implements Evaluator {
  readonly context: EvaluationContext;
  readonly #invariant: ReadonlySet<Expression>;

  constructor(context: EvaluationContext, invariant: ReadonlySet<Expression>) {
    this.context = context;
    this.#invariant = invariant;
  }

  evaluate(node: Expression, grid: Grid): Value {
    this.context.checkRunning();
    const { samples } = this.context;
    const before = samples.current;
    const once = grid.count > 1 && this.#invariant.has(node);
    const value = once ? repeat(this.#node(node, singleStep(grid)), grid) : this.#node(node, grid);
    // What the operands took is free again; the result stays.
    samples.current = before;
    samples.add(sizeOf(value));
    return value;
  }

  vector(node: Expression, grid: Grid): readonly Column[] {
    const value = this.evaluate(node, grid);
    if (value.type !== 'vector')
      throw new TypeError(`a ${value.type} where an instant vector was checked for`);
    return value.columns;
  }

  scalar(node: Expression, grid: Grid): Float64Array {
    const value = this.evaluate(node, grid);
    if (value.type !== 'scalar') throw new TypeError(`a ${value.type} where a scalar was checked for`);
    return value.values;
  }

  #node(node: Expression, grid: Grid): Value {
    switch (node.kind) {
      case 'number':
        return { type: 'scalar', values: new Float64Array(grid.count).fill(node.value) };
      case 'string':
        return { type: 'string', text: node.value };
      case 'paren':
        return this.evaluate(node.expression, grid);
      case 'unary':
        return this.#unary(node, grid);
      case 'selector': {
        const evaluate = node.extended === 'smoothed' ? evaluateSmoothed : evaluateSelector;
        return { type: 'vector', columns: evaluate(node, grid, this.context) };
      }
      case 'aggregation':
        return { type: 'vector', columns: evaluateAggregation(node, grid, this) };
      case 'binary':
        return this.#binary(node, grid);
      case 'call':
        return evaluateCall(node, grid, this);
      case 'range':
      case 'subquery':
      default:
        throw new TypeError('a range vector is evaluated by what it is given to');
    }
  }

  #binary(node: Binary, grid: Grid): Value {
    return evaluateBinary(node, grid, this);
  }

  #unary(node: Unary, grid: Grid): Value {
    const value = this.evaluate(node.expression, grid);
    if (node.operator === '+' || value.type === 'string') return value;
    if (value.type === 'scalar') return { type: 'scalar', values: value.values.map((each) => -each) };
    const late = this.context.settings.delayedNameRemoval;
    const columns = value.columns.map((column) => negated(column, late));
    return { type: 'vector', columns: late ? columns : mergeSameLabels(columns) };
  }
}

function sizeOf(value: Value): number {
  if (value.type === 'string') return 0;
  if (value.type === 'scalar') return value.values.length;
  let size = 0;
  for (const column of value.columns) size += columnSize(column);
  return size;
}

function negated({ labels, values, presence, histograms }: Column, late: boolean): Column {
  const negative = {
    labels: late ? labels : dropMetadata(labels),
    values: values.map((each) => -each),
    presence,
    dropName: true,
  };
  if (!histograms) return negative;
  return { ...negative, histograms: histograms.map((histogram) => histogram?.multiply(-1)) };
}

/** A column takes the same room whether its steps are present or not; histograms come on top. */
function columnSize({ presence, histograms }: Column): number {
  let size = presence.length;
  if (!histograms) return size;
  for (const histogram of histograms) if (histogram) size += histogram.sampleSize;
  return size;
}

/** Repeats what a single step gave over all steps. */
function repeat(value: Value, { count }: Grid): Value {
  if (value.type === 'string') return value;
  const floats = (values: Float64Array) => new Float64Array(count).fill(values[0] ?? 0);
  if (value.type === 'scalar') return { type: 'scalar', values: floats(value.values) };
  const columns = value.columns.map(({ labels, values, presence, histograms, dropName }): Column => {
    const histogram = histograms?.[0];
    return {
      labels,
      values: floats(values),
      presence: new Uint8Array(count).fill(presence[0] ?? 0),
      ...(histogram && { histograms: Array.from({ length: count }, () => histogram) }),
      dropName,
    };
  });
  return { type: 'vector', columns };
}
