import { executionError } from '../errors.ts';
import { overFloats, type RangeCall, type RangeFunction } from './range-function.ts';

/** Double exponential smoothing: a weighted mean in which both level and trend favour recent samples. */
export const doubleExponentialSmoothing: RangeFunction = (series, call, out) => {
  checkFactors(call);
  smooth(series, call, out);
};

function checkFactors(call: RangeCall): void {
  for (const [index, name] of ['smoothing', 'trend'].entries()) {
    const short = name === 'smoothing' ? 'sf' : 'tf';
    const factor = call.scalars[index]?.find((value) => !(value > 0 && value < 1) && !Number.isNaN(value));
    if (factor === undefined) continue;
    throw executionError(`invalid ${name} factor. Expected: 0 < ${short} < 1, got: ${factor.toFixed(6)}`);
  }
}

const smooth: RangeFunction = overFloats((values, from, to, _times, step, call) => {
  const smoothing = call.scalars[0]?.[step] ?? 0;
  const trendFactor = call.scalars[1]?.[step] ?? 0;
  let before = 0;
  let level = values[from] ?? 0;
  let trend = (values[from + 1] ?? 0) - level;
  for (let i = from + 1; i < to; i++) {
    if (i > from + 1) trend = trendFactor * (level - before) + (1 - trendFactor) * trend;
    const next = smoothing * (values[i] ?? 0) + (1 - smoothing) * (level + trend);
    before = level;
    level = next;
  }
  return level;
}, 2);
