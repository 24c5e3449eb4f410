import type { RangeSeries } from '../evaluate/value.ts';
import { CompensatedSum } from './kahan.ts';
import { informIgnored, type RangeCall, type RangeFunction } from './range-function.ts';

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

/** A function of at least two floats; it tells where histograms had to be left out. */
export function overTwoFloats(
  compute: (series: RangeSeries, from: number, to: number, step: number, call: RangeCall) => number,
): RangeFunction {
  return (series, call, out) => {
    const { from, to } = call.windows.find(series.floats.times);
    const mixed = series.histograms && call.windows.find(series.histograms.times);
    for (let step = 0; step < call.grid.count; step++) {
      const low = from[step] ?? 0;
      const high = to[step] ?? 0;
      if (low === high) continue;
      if (mixed && mixed.from[step] !== mixed.to[step]) informIgnored(series, call);
      if (high - low < 2) continue;
      out.values[step] = compute(series, low, high, step, call);
      out.presence[step] = 1;
    }
  };
}

export const derivative: RangeFunction = overTwoFloats(({ floats }, from, to) => {
  // Times near zero keep the sums small.
  return linearRegression(floats.times, floats.values, from, to, floats.times[from] ?? 0).slope;
});

export const predictLinear: RangeFunction = overTwoFloats(({ floats }, from, to, step, call) => {
  const atMs = call.grid.startMs + step * call.grid.stepMs;
  const { slope, intercept } = linearRegression(floats.times, floats.values, from, to, atMs);
  return slope * (call.scalars[0]?.[step] ?? 0) + intercept;
});
