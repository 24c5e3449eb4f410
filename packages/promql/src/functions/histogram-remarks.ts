import type { RangeSeries } from '../evaluate/value.ts';
import type { FloatHistogram } from '../histogram/float-histogram.ts';
import { quoteGo } from '../text/go-quote.ts';
import type { RangeCall } from './range-function.ts';

/** Warns that exponential and custom buckets met, which cannot be combined. */
export function warnIncompatible(series: RangeSeries, call: RangeCall): void {
  const what =
    'vector contains a mix of histograms with exponential and custom buckets schemas for metric name';
  call.annotations.warn(`${what} ${quoteGo(series.labels.name)}`, call.position);
}

/** Warns about gauges where counters are needed, or the other way round. */
export function remarkGauges(
  series: RangeSeries,
  call: RangeCall,
  histograms: readonly FloatHistogram[],
  isCounter: boolean,
): void {
  const wrong = histograms.some(({ counterResetHint }) => (counterResetHint === 'gauge') === isCounter);
  if (!wrong) return;
  const what = `this native histogram metric is not a ${isCounter ? 'counter' : 'gauge'}:`;
  call.annotations.warn(`${what} ${quoteGo(series.labels.name)}`, call.position);
}

/** Tells that custom buckets with different bounds were brought to those they have in common. */
export function remarkReconciled(
  call: Pick<RangeCall, 'annotations' | 'position'>,
  result: { readonly boundsReconciled: boolean },
  operation: 'addition' | 'subtraction' | 'aggregation',
): void {
  if (!result.boundsReconciled) return;
  call.annotations.inform(`mismatched custom buckets were reconciled during ${operation}`, call.position);
}
