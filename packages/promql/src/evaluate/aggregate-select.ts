import { executionError } from '../errors.ts';
import { inRatio } from '../functions/ratio.ts';
import { formatGoGeneral } from '../text/go-number.ts';
import { type AggregationInput, informIgnored } from './aggregation-input.ts';
import {
  ABSENT,
  type Column,
  copyStep,
  HISTOGRAM,
  mergeSameLabels,
  type MutableColumn,
  newColumn,
} from './column.ts';

/** Evaluates topk, bottomk, limitk and limit_ratio. */
export function selectByGroup(input: AggregationInput): Column[] {
  const { columns, grid } = input;
  if (!checkParameter(input)) return [];
  const out = new Map<number, MutableColumn>();
  for (let step = 0; step < grid.count; step++) {
    for (const index of selectStep(input, step)) {
      const from = columns[index];
      if (!from) continue;
      const to = out.get(index) ?? newColumn(from.labels, grid.count, from.dropName);
      out.set(index, to);
      copyStep(from, to, step);
    }
  }
  // An instant query shows them in the order of the selection, in which the map has them then.
  return grid.count === 1 ? [...out.values()] : mergeSameLabels([...out.values()]);
}

function extremes(values: Float64Array): { min: number; max: number } {
  let min = Infinity;
  let max = -Infinity;
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { min, max };
}

/** Whether anything is selected at all. Throws where the parameter makes no sense. */
function checkParameter(input: AggregationInput): boolean {
  const { node, parameter } = input;
  const { min, max } = extremes(parameter);
  const anyNan = parameter.some((value) => Number.isNaN(value));
  if (node.operator === 'limit_ratio') {
    if (max === 0 && min === 0) return false;
    if (anyNan) throw executionError('Ratio value is NaN');
    if (max > 1) warnRatio(input, max, 1);
    if (min < -1) warnRatio(input, min, -1);
    return true;
  }
  if (max < 1) {
    if (anyNan) throw executionError('Parameter value is NaN');
    return false;
  }
  if (anyNan) throw executionError('Parameter value is NaN');
  if (min <= -(2 ** 63)) throw executionError(`Scalar value ${formatGoGeneral(min)} underflows int64`);
  if (max >= 2 ** 63) throw executionError(`Scalar value ${formatGoGeneral(max)} overflows int64`);
  return true;
}

function warnRatio({ node, evaluator }: AggregationInput, got: number, cap: number): void {
  const what = `ratio value should be between -1 and 1, got ${formatGoGeneral(got)}, capping to ${cap}`;
  evaluator.context.annotations.warn(what, node.parameter?.position ?? node.position);
}

/** The indexes of the series selected at a step, group after group. */
function selectStep(input: AggregationInput, step: number): number[] {
  const { columns, grouping, node } = input;
  const wanted = input.parameter[step] ?? 0;
  const byValue = node.operator === 'topk' || node.operator === 'bottomk';
  const groups: number[][] = grouping.labels.map(() => []);
  for (let index = 0; index < columns.length; index++) {
    const kind = columns[index]?.presence[step] ?? ABSENT;
    if (kind === ABSENT) continue;
    if (byValue && kind === HISTOGRAM) informIgnored(input);
    else groups[grouping.groupOf[index] ?? 0]?.push(index);
  }
  const selected: number[] = [];
  for (const members of groups) {
    for (const index of selectMembers(members, input, wanted, step)) selected.push(index);
  }
  return selected;
}

function selectMembers(members: number[], input: AggregationInput, wanted: number, step: number): number[] {
  const { columns, node } = input;
  if (node.operator === 'limit_ratio') {
    const ratio = Math.max(-1, Math.min(1, wanted));
    return members.filter((index) => {
      const labels = columns[index]?.labels;
      return labels !== undefined && inRatio(ratio, labels);
    });
  }
  const k = Math.trunc(Math.min(wanted, columns.length));
  if (k < 1) return [];
  if (node.operator === 'limitk') return members.slice(0, k);
  const sign = node.operator === 'topk' ? -1 : 1;
  return highest(members, k, (index) => columns[index]?.values[step] ?? 0, sign);
}

/** Up to this many a sorted list of the best so far costs less than sorting all. */
const FEW = 64;

/** The k first members by value, in order; NaN comes last, equal values keep their order. */
function highest(
  members: readonly number[],
  k: number,
  valueOf: (index: number) => number,
  sign: 1 | -1,
): number[] {
  if (k > FEW) {
    const order = (a: number, b: number) => compareNanLast(valueOf(a), valueOf(b), sign);
    return members.toSorted(order).slice(0, k);
  }
  const best: number[] = [];
  for (const index of members) {
    const value = valueOf(index);
    let at = best.length;
    while (at > 0 && compareNanLast(value, valueOf(best[at - 1] ?? 0), sign) < 0) at--;
    if (at >= k) continue;
    best.splice(at, 0, index);
    if (best.length > k) best.pop();
  }
  return best;
}

/** Orders values upwards, or downwards for a negative sign, NaN behind all others either way. */
export function compareNanLast(a: number, b: number, sign: 1 | -1): number {
  const aNan = Number.isNaN(a);
  const bNan = Number.isNaN(b);
  if (aNan || bNan) return Number(aNan) - Number(bNan);
  if (a === b) return 0;
  return a < b ? -sign : sign;
}
