import type { RangeSeries } from '../api/prometheus.ts';
import { formatValue, noValue, type Unit } from './format.ts';

/** A line of a chart on the chart's common times; null is a gap and is drawn as one. */
export interface ChartSeries {
  readonly label: string;
  readonly values: readonly (number | null)[];
}

export interface ChartData {
  /** Epoch seconds, ascending, evenly spaced by the step. */
  readonly times: readonly number[];
  readonly series: readonly ChartSeries[];
}

/** Lays series on one even grid. A step without a sample, and a sample that is no number, become a gap. */
export function alignSeries(
  series: readonly { readonly label: string; readonly range: RangeSeries }[],
  startS: number,
  endS: number,
  stepS: number,
): ChartData {
  const count = Math.max(0, Math.floor((endS - startS) / stepS) + 1);
  const times = Array.from({ length: count }, (_, index) => startS + index * stepS);
  return {
    times,
    series: series.map(({ label, range }) => {
      const values: (number | null)[] = Array.from<null>({ length: count }).fill(null);
      range.timestamps.forEach((time, index) => {
        const slot = Math.round((time - startS) / stepS);
        const value = range.values[index];
        if (slot >= 0 && slot < count && value !== undefined && Number.isFinite(value)) values[slot] = value;
      });
      return { label, values };
    }),
  };
}

/** Indices of the values that have no neighbour to draw a line to. */
export function lonely(values: ArrayLike<number | null | undefined>): number[] {
  const isGap = (index: number) => (values[index] ?? null) === null;
  return Array.from(values, (_, index) => index).filter(
    (index) => !isGap(index) && isGap(index - 1) && isGap(index + 1),
  );
}

interface SeriesFigures {
  readonly last: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly gaps: number;
}

export function figuresOf(values: readonly (number | null)[]): SeriesFigures {
  let last: number | null = null;
  let min: number | null = null;
  let max: number | null = null;
  let gaps = 0;
  for (const value of values) {
    if (value === null) {
      gaps += 1;
      continue;
    }
    last = value;
    if (min === null || value < min) min = value;
    if (max === null || value > max) max = value;
  }
  return { last, min, max, gaps };
}

/** At most this many series are told in words; the table has them all. */
const maxSummarised = 4;

/** The chart in a sentence or two, for those who cannot see it. */
export function summarise(data: ChartData, unit: Unit): string {
  const figures = data.series.map((series) => ({ label: series.label, ...figuresOf(series.values) }));
  const known = figures.filter((figure) => figure.last !== null);
  if (known.length === 0) return 'No samples in this time range.';
  const told = known
    .slice(0, maxSummarised)
    .map(
      (figure) =>
        `${figure.label}: ${formatValue(figure.last, unit)} last, between ${formatValue(figure.min, unit)} and ${formatValue(figure.max, unit)}.`,
    );
  const more = known.length - told.length;
  return told.join(' ') + (more > 0 ? ` ${more} more in the table.` : '');
}

/** The value of a series at an index, as text. */
export function valueAt(series: ChartSeries, index: number | null, unit: Unit): string {
  const value = index === null ? figuresOf(series.values).last : series.values[index];
  return value === null || value === undefined ? noValue : formatValue(value, unit);
}
