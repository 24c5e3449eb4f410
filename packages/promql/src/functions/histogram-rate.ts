import { setHistogram } from '../evaluate/column.ts';
import type { HistogramSamples, RangeSeries } from '../evaluate/value.ts';
import { addHistograms, subtractHistograms, toSchema } from '../histogram/combine.ts';
import { detectReset } from '../histogram/detect-reset.ts';
import { FloatHistogram } from '../histogram/float-histogram.ts';
import { remarkGauges, remarkReconciled, warnIncompatible } from './histogram-remarks.ts';
import type { RangeCall, RangeFunction } from './range-function.ts';
import { extrapolate, type RateKind } from './extrapolate.ts';
import { isStartOverlap, isStartReset } from './start-timestamps.ts';

/** The rate, increase or delta of a window of histograms only. */
export function histogramRate(
  series: RangeSeries,
  call: RangeCall,
  out: Parameters<RangeFunction>[2],
  kind: RateKind,
  step: number,
  from: number,
  to: number,
): void {
  const { histograms } = series;
  const first = histograms?.values[from];
  if (!histograms || !first) return;
  const change = to - from > 1 ? histogramChange(series, histograms, call, kind, from, to) : undefined;
  if (!change && to - from > 1) return;
  const shape = extrapolate({
    kind,
    rangeMs: call.rangeMs,
    endMs: call.firstEndMs + step * call.endStepMs,
    ...timesOf(histograms, from, to),
    toZero: change && change.count > 0 && first.count >= 0 ? first.count / change.count : undefined,
  });
  const result = shape?.fromZero ? sinceZero(change, first, series, call) : change;
  if (shape && result) setHistogram(out, step, result.multiply(shape.factor));
}

function timesOf({ times, starts }: HistogramSamples, from: number, to: number) {
  return {
    firstMs: times[from] ?? 0,
    lastMs: times[to - 1] ?? 0,
    count: to - from,
    startMs: starts?.[from] ?? 0,
  };
}

/** The change with the first sample counted in, whose start lies in the window. */
function sinceZero(
  change: FloatHistogram | undefined,
  first: FloatHistogram,
  series: RangeSeries,
  call: RangeCall,
): FloatHistogram | undefined {
  if (!change) return first;
  const sum = addHistograms(change, first);
  if (sum) remarkReconciled(call, sum, 'addition');
  else warnIncompatible(series, call);
  return sum?.histogram;
}

function startReset({ times, starts }: HistogramSamples, index: number): boolean {
  if (!starts) return false;
  return isStartReset(starts[index - 1] ?? 0, times[index - 1] ?? 0, starts[index] ?? 0, times[index] ?? 0);
}

/** The change over a window of at least two histograms, before extrapolation. */
function histogramChange(
  series: RangeSeries,
  samples: HistogramSamples,
  call: RangeCall,
  kind: RateKind,
  from: number,
  to: number,
): FloatHistogram | undefined {
  const window = samples.values.slice(from, to);
  const [first, second] = window;
  const last = window.at(-1);
  if (!first || !second || !last) return undefined;
  if (kind.isCounter) remarkGauges(series, call, window, true);
  else remarkGauges(series, call, [first, last], false);
  let base = first;
  if (kind.isCounter && (startReset(samples, from + 1) || detectReset(second, first))) {
    // A reset right after the first sample: nothing of its layout matters.
    base = new FloatHistogram({ schema: second.schema, customValues: second.customValues });
  }
  const relevant = kind.isCounter ? [base, ...window.slice(1)] : [base, last];
  if (relevant.some(({ usesCustomBuckets }) => usesCustomBuckets !== base.usesCustomBuckets)) {
    warnIncompatible(series, call);
    return undefined;
  }
  const schema = relevant.reduce((least, histogram) => Math.min(least, histogram.schema), base.schema);
  const difference = subtractHistograms(toSchema(last, schema), base);
  if (!difference) {
    warnIncompatible(series, call);
    return undefined;
  }
  remarkReconciled(call, difference, 'subtraction');
  if (!kind.isCounter) return difference.histogram.withHint('gauge').compact();
  warnOverlap(series, samples, call, from, to);
  const corrected = addResets(difference.histogram, series, samples, call, { base, from, to });
  return corrected?.withHint('gauge').compact();
}

/** Adds what the counter had reached before each reset. */
function addResets(
  change: FloatHistogram,
  series: RangeSeries,
  samples: HistogramSamples,
  call: RangeCall,
  window: { readonly base: FloatHistogram; readonly from: number; readonly to: number },
): FloatHistogram | undefined {
  let total = change;
  let previous = window.base;
  for (let i = window.from + 1; i < window.to; i++) {
    const current = samples.values[i];
    if (!current) continue;
    if (startReset(samples, i) || detectReset(current, previous)) {
      const sum = addHistograms(total, previous);
      if (!sum) {
        warnIncompatible(series, call);
        return undefined;
      }
      remarkReconciled(call, sum, 'addition');
      total = sum.histogram;
    }
    previous = current;
  }
  return total;
}

function warnOverlap(
  series: RangeSeries,
  samples: HistogramSamples,
  call: RangeCall,
  from: number,
  to: number,
): void {
  const { times, starts } = samples;
  if (!starts) return;
  for (let i = from + 1; i < to; i++) {
    if (!isStartOverlap(starts[i - 1] ?? 0, times[i - 1] ?? 0, starts[i] ?? 0)) continue;
    call.annotations.startTimeOverlap(series.labels.name, call.position);
    return;
  }
}
