import { quantileInPlace } from '../functions/quantile.ts';
import { type AggregationInput, informIgnored, warnQuantile } from './aggregation-input.ts';
import { FLOAT, HISTOGRAM, type MutableColumn, setFloat } from './column.ts';

/** The quantile over each group's values at each step. */
export function aggregateQuantile(input: AggregationInput, out: readonly MutableColumn[]): void {
  const { grid, columns, grouping, parameter } = input;
  warnOutside(input);
  const sizes = new Int32Array(out.length);
  for (const group of grouping.groupOf) sizes[group] = (sizes[group] ?? 0) + 1;
  const buffers = Array.from(sizes, (size) => new Float64Array(size));
  const filled = new Int32Array(out.length);
  for (let step = 0; step < grid.count; step++) {
    filled.fill(0);
    for (let index = 0; index < columns.length; index++) {
      const column = columns[index];
      const kind = column?.presence[step];
      if (kind === HISTOGRAM) informIgnored(input);
      if (!column || kind !== FLOAT) continue;
      const group = grouping.groupOf[index] ?? 0;
      const at = filled[group] ?? 0;
      const buffer = buffers[group];
      if (buffer) buffer[at] = column.values[step] ?? 0;
      filled[group] = at + 1;
    }
    for (const [group, column] of out.entries()) {
      const values = buffers[group]?.subarray(0, filled[group] ?? 0);
      if (values && values.length > 0)
        setFloat(column, step, quantileInPlace(parameter[step] ?? Number.NaN, values));
    }
  }
}

function warnOutside(input: AggregationInput): void {
  const { parameter } = input;
  if (input.columns.length === 0) return;
  if (parameter.some((q) => Number.isNaN(q))) warnQuantile(Number.NaN, input);
  const known = parameter.filter((q) => !Number.isNaN(q));
  const high = known.reduce((a, b) => Math.max(a, b), -Infinity);
  const low = known.reduce((a, b) => Math.min(a, b), Infinity);
  if (known.length > 0 && high > 1) warnQuantile(high, input);
  if (known.length > 0 && low < 0) warnQuantile(low, input);
}
