import { CompensatedSum } from '../functions/kahan.ts';
import { coveredShare, type RateKind } from '../functions/extrapolate.ts';
import type { RangeCall } from '../functions/range-function.ts';
import type { FloatSamples } from '../evaluate/value.ts';
import { formatGoGeneral } from '../text/go-number.ts';
import type { RollupColumns } from './rollup-columns.ts';
import { sketchKey, sketchQuantile } from './sketch.ts';

/** A window that begins with rows [from, to) of buckets, at least one, and goes on with samples [rawFrom, rawTo). */
export interface RollupWindow {
  readonly rollup: RollupColumns;
  readonly from: number;
  readonly to: number;
  readonly floats: FloatSamples;
  readonly rawFrom: number;
  readonly rawTo: number;
  readonly step: number;
  readonly call: RangeCall;
}

/** Undefined where the window does not suffice. */
export type RollupFunction = (window: RollupWindow) => number | undefined;

const count: RollupFunction = ({ rollup, from, to, rawFrom, rawTo }) => {
  let total = rawTo - rawFrom;
  for (let i = from; i < to; i++) total += rollup.counts[i] ?? 0;
  return total;
};

const sum: RollupFunction = ({ rollup, from, to, floats, rawFrom, rawTo }) => {
  const total = new CompensatedSum(0);
  for (let i = from; i < to; i++) total.add(rollup.sums[i] ?? 0);
  for (let i = rawFrom; i < rawTo; i++) total.add(floats.values[i] ?? 0);
  return Number.isFinite(total.sum) ? total.sum + total.compensation : total.sum;
};

const average: RollupFunction = (window) => (sum(window) ?? 0) / (count(window) ?? 0);

/** The extreme of what is a number; NaN where nothing is. */
function extreme(sign: 1 | -1): RollupFunction {
  return ({ rollup, from, to, floats, rawFrom, rawTo }) => {
    let best = Number.NaN;
    const look = (value: number): void => {
      if (value * sign > best * sign || best !== best) best = value;
    };
    const extremes = sign === 1 ? rollup.maxes : rollup.mins;
    for (let i = from; i < to; i++) look(extremes[i] ?? 0);
    for (let i = rawFrom; i < rawTo; i++) look(floats.values[i] ?? 0);
    return best;
  };
}

const first: RollupFunction = ({ rollup, from }) => rollup.firsts[from];
const firstTime: RollupFunction = ({ rollup, from }) => (rollup.firstTimes[from] ?? 0) / 1000;

const last: RollupFunction = ({ rollup, to, floats, rawFrom, rawTo }) =>
  rawFrom < rawTo ? floats.values[rawTo - 1] : rollup.lasts[to - 1];

function lastTimeMs({ rollup, to, floats, rawFrom, rawTo }: RollupWindow): number {
  return (rawFrom < rawTo ? floats.times[rawTo - 1] : rollup.lastTimes[to - 1]) ?? 0;
}

interface Resets {
  readonly count: number;
  /** Sum of the values right before them. */
  readonly dropped: number;
}

/** Resets within the rows, from each row to the next, from there to the samples, and among those. */
function resetsIn({ rollup, from, to, floats, rawFrom, rawTo }: RollupWindow): Resets {
  let resets = 0;
  let dropped = 0;
  let before = rollup.firsts[from] ?? 0;
  const look = (value: number): void => {
    if (value < before) {
      resets++;
      dropped += before;
    }
  };
  for (let i = from; i < to; i++) {
    look(rollup.firsts[i] ?? 0);
    resets += rollup.resets[i] ?? 0;
    dropped += rollup.dropped[i] ?? 0;
    before = rollup.lasts[i] ?? 0;
  }
  for (let i = rawFrom; i < rawTo; i++) {
    look(floats.values[i] ?? 0);
    before = floats.values[i] ?? 0;
  }
  return { count: resets, dropped };
}

/**
 * As of samples: what is extrapolated from is all there. Where a window does not begin and end with buckets, it is that
 * of the buckets it has, and what comes out is scaled to the length asked for.
 */
function rate(kind: RateKind): RollupFunction {
  return (window) => {
    const { rollup, from, call, step } = window;
    const samples = count(window) ?? 0;
    if (samples < 2) return undefined;
    const low = rollup.firsts[from] ?? 0;
    const change = (last(window) ?? 0) - low + (kind.isCounter ? resetsIn(window).dropped : 0);
    const { startMs, endMs } = boundsOf(rollup, call, step);
    const toZero = kind.isCounter && change > 0 && low >= 0 ? low / change : Infinity;
    const firstMs = rollup.firstTimes[from] ?? 0;
    const share = coveredShare(startMs, firstMs, lastTimeMs(window), endMs, samples - 1, toZero);
    const divisor = kind.perSecond ? (endMs - startMs) / 1000 : (endMs - startMs) / call.rangeMs;
    return change * (share / divisor);
  };
}

/** Where the buckets a window has begin and end. */
function boundsOf(
  { resolutionMs, untilMs }: RollupColumns,
  call: RangeCall,
  step: number,
): { startMs: number; endMs: number } {
  const endMs = call.firstEndMs + step * call.endStepMs;
  const whole = (time: number): number => Math.floor(time / resolutionMs) * resolutionMs;
  return { startMs: whole(endMs - call.rangeMs), endMs: endMs < untilMs ? whole(endMs) : endMs };
}

const quantile: RollupFunction = (window) => {
  const { call, step } = window;
  const q = call.scalars[0]?.[step] ?? Number.NaN;
  if (q >= 0 && q <= 1) {
    const value = sketchQuantile(q, countsByKey(window));
    // What is known exactly is not estimated.
    return Math.min(Math.max(value, least(window) ?? value), greatest(window) ?? value);
  }
  const what = `quantile value should be between 0 and 1, got ${formatGoGeneral(q)}`;
  call.annotations.warn(what, call.argPositions[0] ?? call.position);
  return Number.isNaN(q) ? q : Math.sign(q) * Infinity;
};

function countsByKey({ rollup, from, to, floats, rawFrom, rawTo }: RollupWindow): Map<number, number> {
  if (!rollup.sketches) throw new TypeError('buckets were read without their sketches');
  const { ends, keys, counts } = rollup.sketches;
  const byKey = new Map<number, number>();
  const add = (key: number, more: number): void => void byKey.set(key, (byKey.get(key) ?? 0) + more);
  const binTo = ends[to - 1] ?? 0;
  for (let i = ends[from - 1] ?? 0; i < binTo; i++) add(keys[i] ?? 0, counts[i] ?? 0);
  for (let i = rawFrom; i < rawTo; i++) add(sketchKey(floats.values[i] ?? 0), 1);
  return byKey;
}

const least = extreme(-1);
const greatest = extreme(1);
const present: RollupFunction = () => 1;

/** What buckets can answer: as samples do, and quantiles within the accuracy of the sketch. */
export const ROLLUP_FUNCTIONS: ReadonlyMap<string, RollupFunction> = new Map(
  Object.entries({
    absent_over_time: present,
    avg_over_time: average,
    count_over_time: count,
    delta: rate({ isCounter: false, perSecond: false }),
    first_over_time: first,
    increase: rate({ isCounter: true, perSecond: false }),
    last_over_time: last,
    max_over_time: greatest,
    min_over_time: least,
    present_over_time: present,
    quantile_over_time: quantile,
    rate: rate({ isCounter: true, perSecond: true }),
    resets: (window) => resetsIn(window).count,
    sum_over_time: sum,
    ts_of_first_over_time: firstTime,
    ts_of_last_over_time: (window) => lastTimeMs(window) / 1000,
  } satisfies Record<string, RollupFunction>),
);
