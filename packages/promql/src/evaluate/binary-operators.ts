import { addHistograms, type Combined, subtractHistograms } from '../histogram/combine.ts';
import type { FloatHistogram } from '../histogram/float-histogram.ts';
import { trimHistogram } from '../histogram/trim.ts';
import type { Position } from '../syntax/position.ts';
import { quoteGo } from '../text/go-quote.ts';
import type { Annotations } from './annotations.ts';

/** Arithmetic on two floats; comparisons give 1 or 0. */
export const SCALAR_OPERATORS: ReadonlyMap<string, (left: number, right: number) => number> = new Map(
  Object.entries({
    '+': (left: number, right: number) => left + right,
    '-': (left: number, right: number) => left - right,
    '*': (left: number, right: number) => left * right,
    '/': (left: number, right: number) => left / right,
    '%': (left: number, right: number) => left % right,
    '^': power,
    atan2: (left: number, right: number) => Math.atan2(left, right),
    '==': (left: number, right: number) => Number(left === right),
    '!=': (left: number, right: number) => Number(left !== right),
    '>': (left: number, right: number) => Number(left > right),
    '<': (left: number, right: number) => Number(left < right),
    '>=': (left: number, right: number) => Number(left >= right),
    '<=': (left: number, right: number) => Number(left <= right),
  }),
);

/** As IEEE 754's pow, which JavaScript's differs from where the base is 1 or -1 and the exponent not finite. */
export function power(base: number, exponent: number): number {
  if (base === 1) return 1;
  if (base === -1 && (exponent === Infinity || exponent === -Infinity)) return 1;
  return base ** exponent;
}

/** Operators whose result is no longer the metric it came from. */
export const CHANGES_METRIC: ReadonlySet<string> = new Set(['+', '-', '*', '/', '%', '^', 'atan2']);

/** A float or a histogram on one side of an operator. */
export type Operand = number | FloatHistogram;

/** Applies an operator where at least one side is a histogram; undefined, with a remark, where it has no meaning. */
export function operateHistograms(
  operator: string,
  left: Operand,
  right: Operand,
  remarks: { readonly annotations: Annotations; readonly position: Position },
): { readonly histogram: FloatHistogram; readonly keep: boolean } | undefined {
  if (typeof left !== 'number' && typeof right !== 'number')
    return betweenHistograms(operator, left, right, remarks);
  if (typeof left === 'number' && typeof right !== 'number') {
    if (operator === '*') return { histogram: right.multiply(left).compact(), keep: true };
  } else if (typeof left !== 'number' && typeof right === 'number') {
    const histogram = withFloat(operator, left, right);
    if (histogram) return { histogram, keep: true };
  }
  return informIncompatible(operator, left, right, remarks);
}

function withFloat(operator: string, histogram: FloatHistogram, float: number): FloatHistogram | undefined {
  switch (operator) {
    case '*':
      return histogram.multiply(float).compact();
    case '/':
      return histogram.divide(float).compact();
    case '</':
      return trimHistogram(histogram, float, 'upper');
    case '>/':
      return trimHistogram(histogram, float, 'lower');
    default:
      return undefined;
  }
}

function betweenHistograms(
  operator: string,
  left: FloatHistogram,
  right: FloatHistogram,
  remarks: { readonly annotations: Annotations; readonly position: Position },
): { readonly histogram: FloatHistogram; readonly keep: boolean } | undefined {
  switch (operator) {
    case '+':
      return combined(operator, addHistograms(left, right), 'addition', remarks);
    case '-': {
      const difference = subtractHistograms(left, right);
      const gauge = difference && { ...difference, histogram: difference.histogram.withHint('gauge') };
      return combined(operator, gauge, 'subtraction', remarks);
    }
    case '==':
      return { histogram: left, keep: left.equals(right) };
    case '!=':
      return { histogram: left, keep: !left.equals(right) };
    default:
      return informIncompatible(operator, left, right, remarks);
  }
}

function combined(
  operator: string,
  result: Combined | undefined,
  operation: string,
  { annotations, position }: { readonly annotations: Annotations; readonly position: Position },
): { readonly histogram: FloatHistogram; readonly keep: boolean } | undefined {
  if (!result) {
    annotations.warn(`incompatible bucket layout encountered for binary operator ${operator}`, position);
    return undefined;
  }
  if (result.hintsCollide) {
    annotations.warn(`conflicting counter resets during histogram ${operation}`, position);
    return undefined;
  }
  if (result.boundsReconciled)
    annotations.inform(`mismatched custom buckets were reconciled during ${operation}`, position);
  return { histogram: result.histogram.compact(), keep: true };
}

/** Tells that an operator has no meaning between these kinds of samples. */
export function informIncompatible(
  operator: string,
  left: Operand,
  right: Operand,
  { annotations, position }: { readonly annotations: Annotations; readonly position: Position },
): undefined {
  const kind = (operand: Operand) => (typeof operand === 'number' ? 'float' : 'histogram');
  const what = `incompatible sample types encountered for binary operator ${quoteGo(operator)}`;
  annotations.inform(`${what}: ${kind(left)} ${operator} ${kind(right)}`, position);
}
