import { changes, resets } from './changes.ts';
import { instantDelta, instantRate } from './instant-rate.ts';
import { integral } from './integral.ts';
import {
  averageOverTime,
  countOverTime,
  deviationOverTime,
  firstOverTime,
  lastOverTime,
  maxOverTime,
  medianDeviationOverTime,
  minOverTime,
  presentOverTime,
  quantileOverTime,
  sumOverTime,
  timeOfFirstOverTime,
  timeOfLastOverTime,
  timeOfMaxOverTime,
  timeOfMinOverTime,
  varianceOverTime,
} from './over-time.ts';
import { delta, increase, rate } from './rate.ts';
import type { RangeFunction } from './range-function.ts';
import { derivative, predictLinear } from './regression.ts';
import { doubleExponentialSmoothing } from './smoothing.ts';

/** Every function over range vectors. */
export const RANGE_FUNCTIONS: ReadonlyMap<string, RangeFunction> = new Map(
  Object.entries({
    absent_over_time: presentOverTime,
    avg_over_time: averageOverTime,
    changes,
    count_over_time: countOverTime,
    delta,
    deriv: derivative,
    double_exponential_smoothing: doubleExponentialSmoothing,
    first_over_time: firstOverTime,
    idelta: instantDelta,
    increase,
    integral,
    irate: instantRate,
    last_over_time: lastOverTime,
    mad_over_time: medianDeviationOverTime,
    max_over_time: maxOverTime,
    min_over_time: minOverTime,
    predict_linear: predictLinear,
    present_over_time: presentOverTime,
    quantile_over_time: quantileOverTime,
    rate,
    resets,
    stddev_over_time: deviationOverTime,
    stdvar_over_time: varianceOverTime,
    sum_over_time: sumOverTime,
    ts_of_first_over_time: timeOfFirstOverTime,
    ts_of_last_over_time: timeOfLastOverTime,
    ts_of_max_over_time: timeOfMaxOverTime,
    ts_of_min_over_time: timeOfMinOverTime,
  }),
);

/** The functions `anchored` and `smoothed` ranges can be given to. */
export const EXTENDED_FUNCTIONS = {
  anchored: ['changes', 'delta', 'increase', 'rate', 'resets'],
  smoothed: ['delta', 'increase', 'rate'],
} as const;
