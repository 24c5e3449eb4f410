import { HistogramAccumulator } from '../histogram/accumulate.ts';
import { quoteGo } from '../text/go-quote.ts';
import type { AggregationInput } from './aggregation-input.ts';
import { aggregateFloats, FLOAT_AGGREGATIONS } from './aggregate-floats.ts';
import { ABSENT, FLOAT, histogramAt, type MutableColumn, setHistogram } from './column.ts';

/** sum and avg where native histograms take part. A group with both kinds at a step has no result there. */
export function aggregateHistograms(input: AggregationInput, out: readonly MutableColumn[]): void {
  const aggregation = FLOAT_AGGREGATIONS.get(input.node.operator);
  if (!aggregation) return;
  aggregateFloats(input, out, aggregation);
  for (let group = 0; group < out.length; group++) {
    const column = out[group];
    if (!column) continue;
    for (let step = 0; step < input.grid.count; step++) {
      if (column.presence[step] !== ABSENT) aggregateStep(input, column, group, step);
    }
  }
}

function aggregateStep(input: AggregationInput, column: MutableColumn, group: number, step: number): void {
  const { columns, grouping, node } = input;
  const { annotations } = input.evaluator.context;
  const { position } = node.expression;
  const members = columns.filter(
    (each, index) => grouping.groupOf[index] === group && each.presence[step] !== ABSENT,
  );
  const withHistogram = members.filter((member) => histogramAt(member, step) !== undefined);
  if (withHistogram.length === 0) return;
  column.presence[step] = ABSENT;
  const hasFloats = withHistogram.length < members.length;
  let total: HistogramAccumulator | undefined;
  // Floats before the first histogram make the group invalid, so nothing is added then.
  const addable = members[0]?.presence[step] === FLOAT ? [] : withHistogram;
  for (const member of addable) {
    const histogram = histogramAt(member, step);
    if (!histogram) continue;
    if (!total) {
      total = new HistogramAccumulator(histogram);
      continue;
    }
    if (node.operator === 'sum' ? total.add(histogram) : total.addToMean(histogram)) continue;
    const what =
      'vector contains a mix of histograms with exponential and custom buckets schemas for metric name';
    annotations.warn(`${what} ${quoteGo(member.labels.name)}`, position);
    return;
  }
  if (hasFloats) {
    annotations.warn('encountered a mix of histograms and floats for aggregation', position);
    return;
  }
  if (!total) return;
  if (total.boundsReconciled)
    annotations.inform('mismatched custom buckets were reconciled during aggregation', position);
  if (total.hintsCollide)
    annotations.warn('conflicting counter resets during histogram aggregation', position);
  setHistogram(column, step, (node.operator === 'sum' ? total.sum : total.mean).compact());
}
