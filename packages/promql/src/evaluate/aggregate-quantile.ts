import { greaterOf, lesserOf } from '../functions/extremes.ts';
import { quantileInPlace } from '../functions/quantile.ts';
import { type AggregationInput, informIgnored, warnQuantile } from './aggregation-input.ts';
import { FLOAT, HISTOGRAM, type MutableColumn, setFloat } from './column.ts';

/** The quantile over each group's values at each step. */
export function aggregateQuantile(input: AggregationInput, out: readonly MutableColumn[]): void {
  const { grid, columns, grouping, parameter } = input;
  warnOutside(input);
  if (columns.some(({ histograms, presence }) => histograms && presence.includes(HISTOGRAM)))
    informIgnored(input);
  for (const [group, column] of out.entries()) {
    const members = columns.filter((_, index) => grouping.groupOf[index] === group);
    const buffer = new Float64Array(members.length);
    for (let step = 0; step < grid.count; step++) {
      let filled = 0;
      for (const { presence, values } of members) {
        if (presence[step] === FLOAT) buffer[filled++] = values[step] ?? 0;
      }
      if (filled === 0) continue;
      setFloat(column, step, quantileInPlace(parameter[step] ?? Number.NaN, buffer.subarray(0, filled)));
    }
  }
}

function warnOutside(input: AggregationInput): void {
  let high = -Infinity;
  let low = Infinity;
  for (const q of input.parameter) {
    high = greaterOf(high, q);
    low = lesserOf(low, q);
  }
  if (input.parameter.some((q) => Number.isNaN(q))) warnQuantile(Number.NaN, input);
  if (high > 1) warnQuantile(high, input);
  if (low < 0) warnQuantile(low, input);
}
