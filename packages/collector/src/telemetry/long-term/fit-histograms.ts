import type { FloatHistogram } from '@plimsoll/promql';
import type { HistogramFate, LongTermBatch } from './long-term-engine.ts';
import { pickSamples } from '../sample-columns.ts';

export interface FittedBatch {
  /** What the engine is given. */
  readonly batch: LongTermBatch;
  /** Samples of it that the engine keeps in another form. */
  readonly converted: number;
  /** Samples that were taken out. */
  readonly leftOut: number;
  /** The first series of those converted or left out, for a message. */
  readonly series: readonly string[];
}

/** Series that a message names. */
const MAX_SERIES_NAMED = 3;

/** Takes out the native histograms that an engine cannot hold in any form. */
export function fitHistograms(batch: LongTermBatch, fate: HistogramFate): FittedBatch {
  const { histograms, labels, refs } = batch;
  if (fate === 'kept' || histograms === undefined) return { batch, converted: 0, leftOut: 0, series: [] };
  const converts = (histogram: FloatHistogram): boolean =>
    fate === 'converted' && !histogram.usesCustomBuckets;
  const rows: number[] = [];
  const named = new Set<string>();
  let converted = 0;
  for (let row = 0; row < refs.length; row++) {
    const histogram = histograms[row];
    if (histogram !== undefined && named.size < MAX_SERIES_NAMED) {
      named.add(labels[refs[row] ?? 0]?.toString() ?? '');
    }
    if (histogram === undefined || converts(histogram)) rows.push(row);
    if (histogram !== undefined && converts(histogram)) converted++;
  }
  const leftOut = refs.length - rows.length;
  const kept = leftOut === 0 ? batch : { ...batch, ...pickSamples(batch, rows) };
  return { batch: kept, converted, leftOut, series: [...named] };
}
