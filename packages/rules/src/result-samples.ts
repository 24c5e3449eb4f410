import { Labels, type QueryValue } from '@plimsoll/promql';
import type { ResultSample } from './evaluate-rule.ts';

/**
 * A query's answer as rules take it: a scalar is one sample without labels.
 * @throws Error for a matrix or a string
 */
export function resultSamples(value: QueryValue): readonly ResultSample[] {
  if (value.type === 'scalar') return [{ labels: Labels.EMPTY, value: value.value }];
  if (value.type !== 'vector') throw new Error('rule result is not a vector or scalar');
  return value.labels.map((labels, i) => ({
    labels,
    value: value.values[i] ?? Number.NaN,
    histogram: value.histograms?.[i],
  }));
}
