import { formatGoGeneral } from '../text/go-number.ts';
import { CompensatedSum } from './kahan.ts';
import { type FloatWindow, overFloats, type RangeCall, type RangeFunction } from './range-function.ts';

/** How the value between two samples is chosen: the left one's, the right one's, or their mean. */
type Strategy = 0 | 1 | 2;

const TRAPEZOID: Strategy = 2;

function strategyAt(call: RangeCall, step: number): Strategy {
  const wanted = call.scalars[0]?.[step];
  if (wanted === undefined || wanted === 0 || wanted === 1 || wanted === 2) return wanted ?? TRAPEZOID;
  const what = `strategy should be 0, 1, or 2 (default), using 2, got ${formatGoGeneral(wanted)}`;
  call.annotations.warn(what, call.argPositions[1] ?? call.position);
  return TRAPEZOID;
}

/** The mean of two samples and its rounding error. */
function meanOfTwo(a: number, b: number): CompensatedSum {
  const total = new CompensatedSum(b);
  total.add(a);
  if (Number.isFinite(total.sum) || !Number.isFinite(a) || !Number.isFinite(b)) {
    total.sum /= 2;
    total.compensation /= 2;
    return total;
  }
  const halves = new CompensatedSum(b / 2);
  halves.add(a / 2);
  return halves;
}

function between(left: number, right: number, strategy: Strategy): CompensatedSum {
  if (strategy === TRAPEZOID) return meanOfTwo(right, left);
  return new CompensatedSum(strategy === 0 ? left : right);
}

const zeroForNan = (value: number) => (Number.isNaN(value) ? 0 : value);

/** The area under the samples in value-seconds; a NaN counts as zero. */
const integrate: FloatWindow = (values, from, to, times, step, call) => {
  const strategy = strategyAt(call, step);
  const area = new CompensatedSum(0);
  for (let i = from + 1; i < to; i++) {
    const height = between(zeroForNan(values[i - 1] ?? 0), zeroForNan(values[i] ?? 0), strategy);
    if (height.sum === 0 && height.compensation === 0) continue;
    const seconds = ((times[i] ?? 0) - (times[i - 1] ?? 0)) / 1000;
    area.compensation += height.compensation * seconds;
    area.add(height.sum * seconds);
  }
  return Number.isFinite(area.sum) ? area.sum + area.compensation : area.sum;
};

export const integral: RangeFunction = overFloats(integrate);
