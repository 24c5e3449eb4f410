import { executionError } from '../errors.ts';
import type { FloatHistogram } from '../histogram/float-histogram.ts';
import { Labels } from '../labels.ts';
import type { InstantVector, Matrix, MatrixSeries } from '../result.ts';
import { ABSENT, type Column, compress, dropMetadata, HISTOGRAM, mergeSameLabels } from './column.ts';
import type { EvaluationSettings } from './context.ts';
import { type Grid, gridTimes } from './grid.ts';
import type { Value } from './value.ts';

/** Drops the names that were kept until the end. */
function finishNames(columns: readonly Column[], settings: EvaluationSettings): readonly Column[] {
  if (!settings.delayedNameRemoval) return columns;
  const named = columns.map((column) =>
    column.dropName ? { ...column, labels: dropMetadata(column.labels) } : column,
  );
  return mergeSameLabels(named);
}

/** The result of an instant query. */
export function instantVector(
  given: readonly Column[],
  timeMs: number,
  settings: EvaluationSettings,
): InstantVector {
  const columns = finishNames(given, settings);
  const seen = new Set<string>();
  for (const { labels } of columns) {
    if (seen.has(labels.key)) throw executionError('vector cannot contain metrics with the same labelset');
    seen.add(labels.key);
  }
  const histograms = columns.map((column) =>
    column.presence[0] === HISTOGRAM ? column.histograms?.[0] : undefined,
  );
  return {
    type: 'vector',
    timeMs,
    labels: columns.map(({ labels }) => labels),
    values: Float64Array.from(columns, ({ values }) => values[0] ?? 0),
    ...(histograms.some((histogram) => histogram !== undefined) && { histograms }),
  };
}

/** The result of a range query, ordered by labels. */
export function matrixOf(value: Value, grid: Grid, settings: EvaluationSettings): Matrix {
  const times = gridTimes(grid);
  if (value.type === 'scalar') {
    return { type: 'matrix', series: [{ labels: Labels.EMPTY, timestamps: times, values: value.values }] };
  }
  const columns = value.type === 'vector' ? finishNames(value.columns, settings) : [];
  const series = columns
    .map((column) => columnSeries(column, times))
    .filter(({ timestamps }) => timestamps.length > 0);
  return { type: 'matrix', series: series.sort((a, b) => Labels.compare(a.labels, b.labels)) };
}

/** A column's present steps as a series; series without gaps share the array of times. */
export function columnSeries(column: Column, times: Float64Array): MatrixSeries {
  const { labels, presence, values } = column;
  const histograms = column.histograms && histogramsOf(column);
  // A selector's values may be the store's own.
  if (!presence.includes(ABSENT))
    return { labels, timestamps: times, values: values.slice(), ...(histograms && { histograms }) };
  const isPresent = (_: unknown, step: number) => presence[step] !== ABSENT;
  return {
    labels,
    timestamps: compress(times, presence),
    values: compress(values, presence),
    ...(histograms && { histograms: histograms.filter(isPresent) }),
  };
}

function histogramsOf({ histograms, presence }: Column): (FloatHistogram | undefined)[] {
  return (histograms ?? []).map((histogram, step) => (presence[step] === HISTOGRAM ? histogram : undefined));
}
