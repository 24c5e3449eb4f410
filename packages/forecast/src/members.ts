import { Autoregression } from './autoregression.ts';
import { median } from './median.ts';
import { type Seasons, lagsOf } from './seasons.ts';

/**
 * One way to forecast: fills `forecast` with what comes after `origin`, made from what lies before it. Origins come in
 * ascending order.
 */
export type Member = (origin: number, forecast: Float64Array) => void;

/** asinh of the series is taken at this share of its typical size, where it is nearly a logarithm. */
const KNEE = 0.1;
/** sinh of more than this is beyond any series; what leads there is clamped anyway. */
const MAX_EXPONENT = 50;

/**
 * The members a series is long enough for: three autoregressions on its asinh (itself, differences to a day ago, to a
 * week ago), one on the series itself, and simple repetitions that are hard to beat where there is no pattern.
 *
 * @param firstOrigin the shortest history any member will be asked to forecast from
 */
export function makeMembers(values: Float64Array, seasons: Seasons, firstOrigin: number): Member[] {
  return [...repetitions(values, seasons, firstOrigin), ...autoregressions(values, seasons, firstOrigin)];
}

function repetitions(values: Float64Array, { short, long }: Seasons, firstOrigin: number): Member[] {
  const members: Member[] = [repeat(values, 1)];
  if (short > 1 && firstOrigin >= short) members.push(repeat(values, short), medianOf(values, short));
  if (long > 1 && firstOrigin >= long)
    members.push(repeat(values, long), meanOfCycles(values, short, long / short));
  return members;
}

function autoregressions(values: Float64Array, seasons: Seasons, firstOrigin: number): Member[] {
  const { short, long } = seasons;
  const usable = { short, long: firstOrigin >= long * 2 ? long : 1 };
  const lags = lagsOf(firstOrigin >= short * 3 ? usable : { short: 1, long: 1 });
  const fits = (season: number): boolean => Autoregression.canFit(lags, season, firstOrigin);
  if (!fits(0)) return [];
  const scale = KNEE * typicalSize(values);
  const plain = values.map((value) => value / scale);
  const bent = plain.map((value) => asinh(value));
  const make = (series: Float64Array, season: number, back: (value: number) => number): Member => {
    const middle = mean(series);
    const centred = series.map((value) => value - middle);
    const model = new Autoregression(centred, lags, season);
    return (origin, forecast) => {
      model.forecast(origin, centred, forecast);
      for (let h = 0; h < forecast.length; h++) forecast[h] = back((forecast[h] ?? 0) + middle);
    };
  };
  const unbend = (value: number): number =>
    scale * sinh(Math.min(MAX_EXPONENT, Math.max(-MAX_EXPONENT, value)));
  const differences = [short, usable.long].filter((season) => season > 1 && fits(season));
  return [
    make(plain, 0, (value) => value * scale),
    make(bent, 0, unbend),
    ...differences.map((season) => make(bent, season, unbend)),
  ];
}

/** The last `cycle` values again and again. */
function repeat(values: Float64Array, cycle: number): Member {
  return (origin, forecast) => {
    for (let h = 0; h < forecast.length; h++) forecast[h] = values[origin - cycle + (h % cycle)] ?? 0;
  };
}

/** The mean of the last cycles at the same place in them. */
function meanOfCycles(values: Float64Array, cycle: number, cycles: number): Member {
  return (origin, forecast) => {
    for (let h = 0; h < forecast.length; h++) {
      let sum = 0;
      for (let back = 1; back <= cycles; back++) sum += values[origin - cycle * back + (h % cycle)] ?? 0;
      forecast[h] = sum / cycles;
    }
  };
}

/** The median of the last cycle. */
function medianOf(values: Float64Array, cycle: number): Member {
  return (origin, forecast) => void forecast.fill(median(values.subarray(origin - cycle, origin)));
}

/** A tenth of the time of Math.asinh; exact enough, since its results are only fitted to. */
function asinh(value: number): number {
  const size = Math.log(Math.abs(value) + Math.sqrt(value * value + 1));
  return value < 0 ? -size : size;
}

function sinh(value: number): number {
  const growth = Math.exp(value);
  return (growth - 1 / growth) / 2;
}

function mean(values: Float64Array): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

function typicalSize(values: Float64Array): number {
  const sizes = values.map((value) => Math.abs(value));
  return median(sizes) || sizes.reduce((a, b) => Math.max(a, b), 0) || 1;
}
