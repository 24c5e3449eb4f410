import { setFloat } from '../evaluate/column.ts';
import type { RangeSeries } from '../evaluate/value.ts';
import { firstAfter } from '../evaluate/windows.ts';
import { detectReset } from '../histogram/detect-reset.ts';
import type { FloatHistogram } from '../histogram/float-histogram.ts';
import { forEachWindow, type RangeCall, type RangeFunction } from './range-function.ts';
import { isStartReset } from './start-timestamps.ts';

/** One sample of either kind. */
interface AnySample {
  readonly time: number;
  readonly value: number;
  readonly start: number;
  readonly histogram: FloatHistogram | undefined;
}

/** How two samples that follow each other are compared. */
type Comparison = (previous: AnySample, sample: AnySample) => boolean;

function differs(previous: AnySample, sample: AnySample): boolean {
  if (previous.histogram && sample.histogram) return !sample.histogram.equals(previous.histogram);
  if (previous.histogram || sample.histogram) return true;
  return sample.value !== previous.value && !(Number.isNaN(sample.value) && Number.isNaN(previous.value));
}

function isReset(previous: AnySample, sample: AnySample): boolean {
  if ((previous.histogram === undefined) !== (sample.histogram === undefined)) return true;
  if (isStartReset(previous.start, previous.time, sample.start, sample.time)) return true;
  if (previous.histogram && sample.histogram) return detectReset(sample.histogram, previous.histogram);
  return sample.value < previous.value;
}

export const changes: RangeFunction = countingPairs(differs);
export const resets: RangeFunction = countingPairs(isReset);

/**
 * Counts the pairs of neighbours for which a comparison holds. Each pair of the series is compared once; a window's
 * count is then the difference of two running counts.
 */
function countingPairs(compare: Comparison): RangeFunction {
  return (series, call, out) => {
    if (series.histograms || call.extended) {
      countMixed(series, call, out, compare);
      return;
    }
    const { times } = series.floats;
    const { from, to } = call.windows.find(times);
    const running = runningCounts(series, compare);
    for (let step = 0; step < call.grid.count; step++) {
      const low = from[step] ?? 0;
      const high = to[step] ?? 0;
      if (low !== high) setFloat(out, step, (running[high - 1] ?? 0) - (running[low] ?? 0));
    }
  };
}

function runningCounts(series: RangeSeries, compare: Comparison): Float64Array {
  const { length } = series.floats.times;
  const running = new Float64Array(length);
  let previous = floatSample(series, 0);
  for (let i = 1; i < length; i++) {
    const sample = floatSample(series, i);
    running[i] = (running[i - 1] ?? 0) + (compare(previous, sample) ? 1 : 0);
    previous = sample;
  }
  return running;
}

function floatSample({ floats }: RangeSeries, index: number): AnySample {
  const { times, values, starts } = floats;
  return {
    time: times[index] ?? 0,
    value: values[index] ?? 0,
    start: starts?.[index] ?? 0,
    histogram: undefined,
  };
}

function histogramSample({ histograms }: RangeSeries, index: number): AnySample {
  return {
    time: histograms?.times[index] ?? 0,
    value: 0,
    start: histograms?.starts?.[index] ?? 0,
    histogram: histograms?.values[index],
  };
}

function countMixed(
  series: RangeSeries,
  call: RangeCall,
  out: Parameters<RangeFunction>[2],
  compare: Comparison,
): void {
  forEachWindow(series, call, (step, floatFrom, floatTo, histogramFrom, histogramTo) => {
    const samples = mergeSamples(series, floatFrom, floatTo, histogramFrom, histogramTo);
    const first = call.extended ? anchorIndex(samples, call, step) : 0;
    if (first === undefined) return;
    let count = 0;
    for (let i = first + 1; i < samples.length; i++) {
      const previous = samples[i - 1];
      const sample = samples[i];
      if (previous && sample && compare(previous, sample)) count++;
    }
    setFloat(out, step, count);
  });
}

/** The samples of a window in time order. */
export function mergeSamples(
  series: RangeSeries,
  floatFrom: number,
  floatTo: number,
  histogramFrom: number,
  histogramTo: number,
): AnySample[] {
  const samples: AnySample[] = [];
  for (let i = floatFrom; i < floatTo; i++) samples.push(floatSample(series, i));
  for (let i = histogramFrom; i < histogramTo; i++) samples.push(histogramSample(series, i));
  return samples.sort((a, b) => a.time - b.time);
}

/** The newest sample at or before the window's start, which anchored windows compare the others with. */
function anchorIndex(samples: readonly AnySample[], call: RangeCall, step: number): number | undefined {
  const startMs = call.firstEndMs + step * call.endStepMs - call.rangeMs;
  const inside = firstAfter(
    Float64Array.from(samples, ({ time }) => time),
    startMs,
  );
  return inside >= samples.length ? undefined : Math.max(0, inside - 1);
}
