import type { RangeSeries } from '../evaluate/value.ts';
import { HistogramAccumulator } from '../histogram/accumulate.ts';
import type { FloatHistogram } from '../histogram/float-histogram.ts';
import { remarkReconciled, warnIncompatible } from './histogram-remarks.ts';
import type { RangeCall } from './range-function.ts';

/** The sum of a window's histograms; undefined, with a warning, where they do not fit together. */
export function sumHistograms(
  window: readonly FloatHistogram[],
  series: RangeSeries,
  call: RangeCall,
): FloatHistogram | undefined {
  return accumulate(window, series, call, 'sum');
}

/** The mean of a window's histograms; undefined, with a warning, where they do not fit together. */
export function averageHistograms(
  window: readonly FloatHistogram[],
  series: RangeSeries,
  call: RangeCall,
): FloatHistogram | undefined {
  return accumulate(window, series, call, 'mean');
}

function accumulate(
  window: readonly FloatHistogram[],
  series: RangeSeries,
  call: RangeCall,
  what: 'sum' | 'mean',
): FloatHistogram | undefined {
  const [first, ...rest] = window;
  if (!first) return undefined;
  const total = new HistogramAccumulator(first);
  for (const histogram of rest) {
    if (what === 'sum' ? total.add(histogram) : total.addToMean(histogram)) continue;
    warnIncompatible(series, call);
    return undefined;
  }
  if (total.hintsCollide) {
    call.annotations.warn('conflicting counter resets during histogram aggregation', call.position);
  }
  remarkReconciled(call, total, 'aggregation');
  return total[what];
}
