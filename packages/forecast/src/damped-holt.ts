/** A fitted exponential smoothing with a damped trend: what it takes to look ahead from the end of the series. */
export interface DampedHolt {
  readonly level: number;
  readonly trend: number;
  /** Smoothing of the level, and of the trend relative to it. */
  readonly alpha: number;
  readonly beta: number;
  /** Each further step keeps this share of the trend; 1 is a straight line. */
  readonly damping: number;
  /** Standard error one step ahead: the root of the squares over the degrees of freedom. */
  readonly error: number;
  /** Mean absolute error one step ahead. */
  readonly mae: number;
}

// Eighteen candidates. Slow levels are left out: on disks they mistake yesterday's growth for noise.
const ALPHAS = [0.4, 0.65, 0.9] as const;
const BETAS = [0.05, 0.15, 0.4] as const;
const DAMPINGS = [0.97, 1] as const;

/** The start of the series says little about today, and the first trend is taken from it: errors count later. */
const WARM_UP = 7;
/** Both smoothings and the damping are chosen by the errors, which makes those of a short series look small. */
const PARAMETERS = 3;

/**
 * Fits Gardner and McKenzie's damped-trend smoothing by least squares over a small grid. A gap moves the state along
 * its own forecast.
 *
 * @param values equally spaced, NaN where there is none; undefined is returned for fewer than three numbers
 */
export function fitDampedHolt(values: Float64Array): DampedHolt | undefined {
  const series = values.subarray(firstNumber(values));
  if (countNumbers(series) < 3) return undefined;
  const warmUp = Math.min(WARM_UP, Math.floor(series.length / 3));
  const initialTrend = meanChange(series, WARM_UP);
  let best: DampedHolt | undefined;
  for (const alpha of ALPHAS)
    for (const beta of BETAS)
      for (const damping of DAMPINGS) {
        const fitted = smooth(series, { alpha, beta, damping }, initialTrend, warmUp);
        if (best === undefined || fitted.error < best.error) best = fitted;
      }
  return best;
}

function smooth(
  series: Float64Array,
  { alpha, beta, damping }: { alpha: number; beta: number; damping: number },
  initialTrend: number,
  warmUp: number,
): DampedHolt {
  let level = series[0] ?? 0;
  let trend = initialTrend;
  let squares = 0;
  let absolutes = 0;
  let count = 0;
  for (let i = 1; i < series.length; i++) {
    const expected = level + damping * trend;
    const value = series[i] ?? Number.NaN;
    const error = value === value ? value - expected : 0;
    if (i >= warmUp && value === value) {
      squares += error * error;
      absolutes += Math.abs(error);
      count++;
    }
    level = expected + alpha * error;
    trend = damping * trend + alpha * beta * error;
  }
  const errors = Math.max(1, count);
  const error = Math.sqrt(squares / Math.max(1, errors - PARAMETERS));
  return { level, trend, alpha, beta, damping, error, mae: absolutes / errors };
}

function firstNumber(values: Float64Array): number {
  let i = 0;
  while (i < values.length && Number.isNaN(values[i])) i++;
  return i;
}

function countNumbers(values: Float64Array): number {
  let count = 0;
  for (const value of values) if (value === value) count++;
  return count;
}

/** Mean change a step over the first `steps` steps, from the first number to the last one among them. */
function meanChange(series: Float64Array, steps: number): number {
  for (let last = Math.min(steps, series.length - 1); last > 0; last--) {
    const value = series[last] ?? Number.NaN;
    if (value === value) return (value - (series[0] ?? 0)) / last;
  }
  return 0;
}
