import { CompensatedSum } from './kahan.ts';
import { overFloats, type RangeFunction } from './range-function.ts';

interface Line {
  readonly slope: number;
  readonly intercept: number;
}

/** Least squares through the samples; the intercept is the line's value at `interceptMs`. */
function linearRegression(
  times: Float64Array,
  values: Float64Array,
  from: number,
  to: number,
  interceptMs: number,
): Line {
  const first = values[from] ?? 0;
  let constant = true;
  const sumX = new CompensatedSum(0);
  const sumY = new CompensatedSum(0);
  const sumXY = new CompensatedSum(0);
  const sumXX = new CompensatedSum(0);
  for (let i = from; i < to; i++) {
    const y = values[i] ?? 0;
    if (i > from && y !== first) constant = false;
    const x = ((times[i] ?? 0) - interceptMs) / 1000;
    sumX.add(x);
    sumY.add(y);
    sumXY.add(x * y);
    sumXX.add(x * x);
  }
  if (constant) {
    const infinite = first === Infinity || first === -Infinity;
    return infinite ? { slope: Number.NaN, intercept: Number.NaN } : { slope: 0, intercept: first };
  }
  const n = to - from;
  const x = sumX.sum + sumX.compensation;
  const y = sumY.sum + sumY.compensation;
  const covariance = sumXY.sum + sumXY.compensation - (x * y) / n;
  const variance = sumXX.sum + sumXX.compensation - (x * x) / n;
  const slope = covariance / variance;
  return { slope, intercept: y / n - (slope * x) / n };
}

export const derivative: RangeFunction = overFloats((values, from, to, times) => {
  // Times near zero keep the sums small.
  return linearRegression(times, values, from, to, times[from] ?? 0).slope;
}, 2);

export const predictLinear: RangeFunction = overFloats((values, from, to, times, step, call) => {
  const atMs = call.grid.startMs + step * call.grid.stepMs;
  const { slope, intercept } = linearRegression(times, values, from, to, atMs);
  return slope * (call.scalars[0]?.[step] ?? 0) + intercept;
}, 2);
