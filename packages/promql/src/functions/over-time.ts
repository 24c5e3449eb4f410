import { setFloat, setHistogram } from '../evaluate/column.ts';
import type { RangeSeries } from '../evaluate/value.ts';
import { formatGoGeneral } from '../text/go-number.ts';
import { CompensatedSum, meanOf } from './kahan.ts';
import { averageHistograms, sumHistograms } from './histogram-over-time.ts';
import { quantileInPlace } from './quantile.ts';
import { overlapsMuch, slidingExtremes, SlidingSum } from './sliding.ts';
import {
  type FloatWindow,
  forEachWindow,
  overCounts,
  overFloats,
  type RangeFunction,
  warnMixed,
} from './range-function.ts';

export const countOverTime: RangeFunction = overCounts((count) => count);
export const presentOverTime: RangeFunction = overCounts(() => 1);

function sumFloats(values: Float64Array, from: number, to: number): number {
  const total = new CompensatedSum(0);
  for (let i = from; i < to; i++) total.add(values[i] ?? 0);
  const { sum } = total;
  return sum === Infinity || sum === -Infinity ? sum : sum + total.compensation;
}

/** A function that has a meaning for floats and for histograms, but not for a range with both. */
function overEither(
  floats: (values: Float64Array, from: number, to: number) => number,
  histograms: typeof sumHistograms,
  fromSum: (sum: SlidingSum, count: number) => number,
): RangeFunction {
  return (series, call, out) => {
    const { times, values } = series.floats;
    if (!series.histograms) {
      const windows = call.windows.find(times);
      const sliding = overlapsMuch(windows) ? new SlidingSum(values) : undefined;
      for (let step = 0; step < call.grid.count; step++) {
        const low = windows.from[step] ?? 0;
        const high = windows.to[step] ?? 0;
        if (low === high) continue;
        sliding?.moveTo(low, high);
        const value = sliding ? fromSum(sliding, high - low) : Number.NaN;
        // What is not finite follows the samples' order, so it is computed in order.
        setFloat(out, step, Number.isFinite(value) ? value : floats(values, low, high));
      }
      return;
    }
    forEachWindow(series, call, (step, floatFrom, floatTo, histogramFrom, histogramTo) => {
      if (floatFrom === floatTo) {
        const window = series.histograms?.values.slice(histogramFrom, histogramTo) ?? [];
        const result = histograms(window, series, call);
        if (result) setHistogram(out, step, result);
      } else if (histogramFrom === histogramTo) setFloat(out, step, floats(values, floatFrom, floatTo));
      else warnMixed(series, call);
    });
  };
}

export const sumOverTime: RangeFunction = overEither(sumFloats, sumHistograms, ({ sum, rest }) => sum + rest);
export const averageOverTime: RangeFunction = overEither(
  meanOf,
  averageHistograms,
  ({ sum, rest }, count) => sum / count + rest / count,
);

/** The index of the extreme value: the first of equal ones, or the last where `last` says so. NaN loses. */
function extremeIndex(values: Float64Array, from: number, to: number, sign: 1 | -1, last: boolean): number {
  let best = from;
  for (let i = from; i < to; i++) {
    const value = (values[i] ?? 0) * sign;
    const reigning = (values[best] ?? 0) * sign;
    if (value > reigning || Number.isNaN(reigning) || (last && value === reigning)) best = i;
  }
  return best;
}

/** max_over_time and min_over_time: sliding where windows overlap. */
function extremeOverTime(sign: 1 | -1): RangeFunction {
  const perWindow = overFloats(
    (values, from, to) => values[extremeIndex(values, from, to, sign, false)] ?? 0,
  );
  return (series, call, out) => {
    const { times, values } = series.floats;
    const windows = call.windows.find(times);
    if (series.histograms || !overlapsMuch(windows)) {
      perWindow(series, call, out);
      return;
    }
    slidingExtremes(values, windows, sign, out.values);
    for (let step = 0; step < call.grid.count; step++) {
      if (windows.from[step] !== windows.to[step]) out.presence[step] = 1;
    }
  };
}

export const maxOverTime: RangeFunction = extremeOverTime(1);
export const minOverTime: RangeFunction = extremeOverTime(-1);
export const timeOfMaxOverTime: RangeFunction = overFloats(
  (values, from, to, times) => (times[extremeIndex(values, from, to, 1, true)] ?? 0) / 1000,
);
export const timeOfMinOverTime: RangeFunction = overFloats(
  (values, from, to, times) => (times[extremeIndex(values, from, to, -1, true)] ?? 0) / 1000,
);

const variance: FloatWindow = (values, from, to) => {
  const mean = new CompensatedSum(0);
  const squares = new CompensatedSum(0);
  for (let i = from; i < to; i++) {
    const value = values[i] ?? 0;
    const delta = value - (mean.sum + mean.compensation);
    mean.add(delta / (i - from + 1));
    squares.add(delta * (value - (mean.sum + mean.compensation)));
  }
  return (squares.sum + squares.compensation) / (to - from);
};

export const varianceOverTime: RangeFunction = overFloats(variance);
export const deviationOverTime: RangeFunction = overFloats((...window) => Math.sqrt(variance(...window)));

export const quantileOverTime: RangeFunction = overFloats((values, from, to, _times, step, call) => {
  const q = call.scalars[0]?.[step] ?? Number.NaN;
  if (!(q >= 0 && q <= 1)) {
    const what = `quantile value should be between 0 and 1, got ${formatGoGeneral(q)}`;
    call.annotations.warn(what, call.argPositions[0] ?? call.position);
  }
  return quantileInPlace(q, copyOf(values, from, to));
});

/** A longer window gets memory of its own. */
const MAX_COPY = 16_384;
const copy = new Float64Array(MAX_COPY);

/** A window that can be reordered, until the next is asked for. */
function copyOf(values: Float64Array, from: number, to: number): Float64Array {
  const count = to - from;
  if (count > MAX_COPY) return values.slice(from, to);
  for (let i = 0; i < count; i++) copy[i] = values[from + i] ?? 0;
  return copy.subarray(0, count);
}

export const medianDeviationOverTime: RangeFunction = overFloats((values, from, to) => {
  const window = values.slice(from, to);
  // Without a defined median there is no deviation from it.
  if (window.some((value) => Number.isNaN(value))) return Number.NaN;
  const median = quantileInPlace(0.5, window);
  return quantileInPlace(
    0.5,
    window.map((value) => Math.abs(value - median)),
  );
});

/** The first or last sample of the window, of either kind. */
function edgeOverTime(edge: 'first' | 'last'): RangeFunction {
  return (series, call, out) => {
    forEachWindow(series, call, (step, floatFrom, floatTo, histogramFrom, histogramTo) => {
      const floatAt = edge === 'first' ? floatFrom : floatTo - 1;
      const histogramAt = edge === 'first' ? histogramFrom : histogramTo - 1;
      const hasFloat = floatFrom !== floatTo;
      const histogram = histogramFrom === histogramTo ? undefined : series.histograms?.values[histogramAt];
      if (histogram && !(hasFloat && isOuter(series, floatAt, histogramAt, edge)))
        setHistogram(out, step, histogram);
      else setFloat(out, step, series.floats.values[floatAt] ?? 0);
    });
  };
}

function isOuter(series: RangeSeries, floatAt: number, histogramAt: number, edge: 'first' | 'last'): boolean {
  const floatTime = series.floats.times[floatAt] ?? 0;
  const histogramTime = series.histograms?.times[histogramAt] ?? 0;
  return edge === 'first' ? floatTime < histogramTime : floatTime > histogramTime;
}

export const firstOverTime: RangeFunction = edgeOverTime('first');
export const lastOverTime: RangeFunction = edgeOverTime('last');

/** The time of the first or last sample of the window. */
function edgeTime(edge: 'first' | 'last'): RangeFunction {
  return (series, call, out) => {
    forEachWindow(series, call, (step, floatFrom, floatTo, histogramFrom, histogramTo) => {
      const times: number[] = [];
      const { floats, histograms } = series;
      if (floatFrom !== floatTo) times.push(floats.times[edge === 'first' ? floatFrom : floatTo - 1] ?? 0);
      if (histogramFrom !== histogramTo) {
        times.push(histograms?.times[edge === 'first' ? histogramFrom : histogramTo - 1] ?? 0);
      }
      setFloat(out, step, (edge === 'first' ? Math.min(...times) : Math.max(...times)) / 1000);
    });
  };
}

export const timeOfFirstOverTime: RangeFunction = edgeTime('first');
export const timeOfLastOverTime: RangeFunction = edgeTime('last');
