import { errorByStep, mix, weigh } from './combine.ts';
import { fillGaps } from './fill-gaps.ts';
import { type Member, makeMembers } from './members.ts';
import { planRehearsal, type Rehearsal } from './plan-rehearsal.ts';
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

/** Forecasts may leave the range seen by this share of it. */
const RANGE_SLACK = 0.1;
/** Half widths in backtest errors; chosen on the last two windows of the M4 training data, wider than a normal law. */
const WIDTH_80 = 1.42;
const WIDTH_95 = 2.35;

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
  const members = makeMembers(history, seasons, rehearsal.origins[0] ?? history.length);
  const clamp = rangeClamp(history);
  const errors = rehearse(members, clamp, history, rehearsal);
  const weights = weigh(errors);
  const forecasts = members.map((member) => {
    const ahead = new Float64Array(horizon);
    member(history.length, ahead);
    clamp(ahead, history.length);
    return ahead;
  });

  const mean = mix(forecasts, weights);
  const spread = extend(errorByStep(mix(errors, weights), rehearsal.horizon), horizon, history);
  const floor = history.every((value) => value >= 0) ? 0 : Number.NEGATIVE_INFINITY;
  const edge = (width: number): Float64Array =>
    mean.map((value, h) => Math.max(floor, value + width * (spread[h] ?? 0)));
  return { mean, lo80: edge(-WIDTH_80), hi80: edge(WIDTH_80), lo95: edge(-WIDTH_95), hi95: edge(WIDTH_95) };
}

/** Every member's errors on known values: origin by origin, each over the rehearsed horizon. */
function rehearse(
  members: readonly Member[],
  clamp: Clamp,
  history: Float64Array,
  { origins, horizon }: Rehearsal,
): Float64Array[] {
  return members.map((member) => {
    const errors = new Float64Array(origins.length * horizon);
    for (const [k, origin] of origins.entries()) {
      const part = errors.subarray(k * horizon, (k + 1) * horizon);
      member(origin, part);
      clamp(part, origin);
      for (let h = 0; h < horizon; h++) part[h] = (part[h] ?? 0) - (history[origin + h] ?? 0);
    }
    return errors;
  });
}

type Clamp = (ahead: Float64Array, origin: number) => void;

/** Bounds a forecast to the range seen before its origin, with some slack. */
function rangeClamp(history: Float64Array): Clamp {
  const lows = history.slice();
  const highs = history.slice();
  for (let i = 1; i < history.length; i++) {
    lows[i] = Math.min(lows[i] ?? 0, lows[i - 1] ?? 0);
    highs[i] = Math.max(highs[i] ?? 0, highs[i - 1] ?? 0);
  }
  return (ahead, origin) => {
    const low = lows[origin - 1] ?? 0;
    const high = highs[origin - 1] ?? 0;
    const slack = (high - low) * RANGE_SLACK;
    const last = history[origin - 1] ?? 0;
    for (let h = 0; h < ahead.length; h++) {
      const value = ahead[h] ?? last;
      ahead[h] = Number.isNaN(value) ? last : Math.min(high + slack, Math.max(low - slack, value));
    }
  };
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
