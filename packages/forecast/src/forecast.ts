import { planRehearsal, type Rehearsal } from './backtest.ts';
import { fillGaps } from './fill-gaps.ts';
import { makeMembers } from './members.ts';
import { seasonsOf } from './seasons.ts';

/** Older values than these are not looked at: half a year of hours, two weeks of five minutes. */
const MAX_HISTORY = 4_400;

export interface ForecastRequest {
  /** Equally spaced, oldest first; NaN is a gap. At least one number. */
  readonly values: Float64Array;
  readonly stepSeconds: number;
  /** How many values to forecast. */
  readonly horizon: number;
  /** Length of the cycle in steps; by default a day, or a week of daily values. */
  readonly season?: number;
}

/** All of the horizon's length, in the unit of the values. */
export interface Forecast {
  readonly mean: Float64Array;
  readonly lo80: Float64Array;
  readonly hi80: Float64Array;
  readonly lo95: Float64Array;
  readonly hi95: Float64Array;
}

/** Members weigh in by the inverse of their error to this power: the good ones share, the bad ones hardly count. */
const WEIGHT_POWER = 4;
/** Forecasts may leave the range seen by this share of it. */
const RANGE_SLACK = 0.1;
/** Half widths in backtest errors; chosen on the last two windows of the M4 training data, wider than a normal law. */
const WIDTH_80 = 1.42;
const WIDTH_95 = 2.35;
/** Errors of this many neighbouring steps are taken together. */
const NEIGHBOURS = 2;

/**
 * Forecasts a series by a weighted mean of autoregressions and simple repetitions. Weights and intervals come from
 * rehearsing on the history's last days: what has lately failed on this series counts little, and intervals are as wide
 * as the mean's errors were, step by step.
 *
 * @throws RangeError when there is no number in `values` or `horizon` is not a positive integer
 */
export function forecast({ values, stepSeconds, horizon, season }: ForecastRequest): Forecast {
  if (!Number.isInteger(horizon) || horizon < 1) throw new RangeError('horizon must be a positive integer');
  const seasons = seasonsOf(stepSeconds, season);
  const history = fillGaps(values.subarray(-Math.max(MAX_HISTORY, seasons.long * 3)), seasons.short);
  if (history === undefined) throw new RangeError('there is no number in the series');

  const rehearsal = planRehearsal(history.length, horizon, seasons.short);
  const { origins } = rehearsal;
  const members = makeMembers(history, seasons, origins[0] ?? history.length);
  const rehearsed = members.map(() => new Array<Float64Array>());
  const final: Float64Array[] = [];
  const clamp = rangeClamp(history);
  for (const origin of origins)
    for (const [m, member] of members.entries())
      rehearsed[m]?.push(clamp(member(origin, rehearsal.horizon), origin));
  for (const member of members) final.push(clamp(member(history.length, horizon), history.length));

  const weights = weigh(rehearsed, history, rehearsal);
  const mean = mix(final, weights);
  const spread = extend(rehearsedErrors(rehearsed, weights, history, rehearsal), horizon, history);
  const floor = history.every((value) => value >= 0) ? 0 : Number.NEGATIVE_INFINITY;
  const edge = (width: number): Float64Array =>
    mean.map((value, h) => Math.max(floor, value + width * (spread[h] ?? 0)));
  return { mean, lo80: edge(-WIDTH_80), hi80: edge(WIDTH_80), lo95: edge(-WIDTH_95), hi95: edge(WIDTH_95) };
}

/** Bounds a forecast to the range seen before its origin, with some slack. Origins come in ascending order. */
function rangeClamp(history: Float64Array): (forecast: Float64Array, origin: number) => Float64Array {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let seen = 0;
  return (values, origin) => {
    for (; seen < origin; seen++) {
      low = Math.min(low, history[seen] ?? low);
      high = Math.max(high, history[seen] ?? high);
    }
    const slack = (high - low) * RANGE_SLACK;
    const last = history[origin - 1] ?? 0;
    for (let h = 0; h < values.length; h++) {
      const value = values[h] ?? last;
      values[h] = Number.isNaN(value) ? last : Math.min(high + slack, Math.max(low - slack, value));
    }
    return values;
  };
}

/** Weights that sum to one. Square roots of errors are summed: one bad hour must not decide between members. */
function weigh(
  rehearsed: readonly (readonly Float64Array[])[],
  history: Float64Array,
  { origins }: Rehearsal,
): Float64Array {
  const errors = rehearsed.map((forecasts) => {
    let sum = 0;
    for (const [k, values] of forecasts.entries())
      for (let h = 0; h < values.length; h++)
        sum += Math.sqrt(Math.abs((values[h] ?? 0) - (history[(origins[k] ?? 0) + h] ?? 0)));
    return sum * sum;
  });
  const least = errors.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const weights = Float64Array.from(errors, (error) =>
    error <= least ? 1 : (least / error) ** WEIGHT_POWER,
  );
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / total);
}

function mix(forecasts: readonly Float64Array[], weights: Float64Array): Float64Array {
  const mixed = new Float64Array(forecasts[0]?.length ?? 0);
  for (const [m, values] of forecasts.entries()) {
    const weight = weights[m] ?? 0;
    for (let h = 0; h < mixed.length; h++) mixed[h] = (mixed[h] ?? 0) + weight * (values[h] ?? 0);
  }
  return mixed;
}

/** Root mean square error of the weighted mean at each step of the rehearsed horizon. */
function rehearsedErrors(
  rehearsed: readonly (readonly Float64Array[])[],
  weights: Float64Array,
  history: Float64Array,
  { origins, horizon }: Rehearsal,
): Float64Array {
  const squares = new Float64Array(horizon);
  for (const [k, origin] of origins.entries()) {
    const mean = mix(
      rehearsed.map((forecasts) => forecasts[k] ?? new Float64Array(horizon)),
      weights,
    );
    for (let h = 0; h < horizon; h++)
      squares[h] = (squares[h] ?? 0) + ((mean[h] ?? 0) - (history[origin + h] ?? 0)) ** 2 / origins.length;
  }
  return squares.map((_, h) => {
    const near = squares.subarray(Math.max(0, h - NEIGHBOURS), h + NEIGHBOURS + 1);
    return Math.sqrt(near.reduce((a, b) => a + b, 0) / near.length);
  });
}

/**
 * Errors over the whole horizon: beyond what was rehearsed they grow with the square root of time, as those of a random
 * walk do. A history too short to rehearse on gives its mean change a step.
 */
function extend(errors: Float64Array, horizon: number, history: Float64Array): Float64Array {
  const rehearsed = errors.length;
  const last = errors.at(-1) ?? meanChange(history);
  const spread = new Float64Array(horizon);
  for (let h = 0; h < horizon; h++)
    spread[h] = h < rehearsed ? (errors[h] ?? 0) : last * Math.sqrt((h + 1) / Math.max(1, rehearsed));
  return spread;
}

function meanChange(history: Float64Array): number {
  let sum = 0;
  for (let i = 1; i < history.length; i++) sum += Math.abs((history[i] ?? 0) - (history[i - 1] ?? 0));
  return sum / Math.max(1, history.length - 1);
}
