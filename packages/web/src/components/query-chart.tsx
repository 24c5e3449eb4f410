import { useRef } from 'preact/hooks';
import { queryRange, type RangeSeries } from '../api/prometheus.ts';
import type { Labels } from '../api/types.ts';
import { useApi } from '../api/use-api.ts';
import { alignSeries, type ChartData } from '../lib/chart-data.ts';
import type { Unit } from '../lib/format.ts';
import { alignToStep, type ChartWindow, isMoving, resolveRange, stepFor } from '../lib/time-range.ts';
import type { ChartStyle } from './chart-options.ts';
import { Loaded } from './loaded.tsx';
import { Chart } from './chart.tsx';

export interface ChartQuery {
  readonly expression: string;
  /** The name of a line; a text, or made from the series' labels. */
  readonly label: string | ((labels: Labels) => string);
  /** Lines of these names come first, in this order; the others follow by name, so that colours stay. */
  readonly order?: readonly string[];
}

export interface QueryChartProps {
  readonly title: string;
  readonly unit: Unit;
  readonly queries: readonly ChartQuery[];
  readonly range: ChartWindow;
  readonly collectIntervalS: number;
  readonly keep?: (labels: Labels) => boolean;
  readonly style?: ChartStyle;
  readonly syncKey?: string;
  readonly onZoom?: (fromS: number, toS: number) => void;
}

/** More lines than this are told apart by nobody; the greatest are kept. */
const maxLines = 8;
const refreshMinMs = 10_000;

interface Line {
  readonly label: string;
  readonly range: RangeSeries;
}

/** A chart of PromQL expressions over a time range; a range that ends now moves on by itself. */
export function QueryChart(props: QueryChartProps) {
  const { title, unit, queries, range, collectIntervalS, keep, style, syncKey, onZoom } = props;
  const key = JSON.stringify([queries.map((query) => query.expression), range]);
  const previous = useRef<ChartData | undefined>(undefined);
  const state = useApi<ChartData>(key, {
    // A known key is no address: the moment is added when it is asked.
    load: (_key, signal) => loadLines(queries, range, collectIntervalS, keep, signal),
    ...(isMoving(range) ? { everyMs: Math.max(refreshMinMs, collectIntervalS * 1000) } : {}),
  });
  // While another range is fetched the chart stays: a page that jumps loses its reader.
  previous.current = state.data ?? previous.current;
  return (
    <Loaded state={{ ...state, data: previous.current }} what={title.toLowerCase()}>
      {(data) => (
        <Chart
          title={title}
          unit={unit}
          data={data}
          {...(style ? { style } : {})}
          {...(syncKey ? { syncKey } : {})}
          {...(onZoom ? { onZoom } : {})}
        />
      )}
    </Loaded>
  );
}

async function loadLines(
  queries: readonly ChartQuery[],
  range: ChartWindow,
  collectIntervalS: number,
  keep: ((labels: Labels) => boolean) | undefined,
  signal: AbortSignal,
): Promise<ChartData> {
  const exact = resolveRange(range, Date.now());
  const stepS = stepFor(exact.startS, exact.endS, collectIntervalS);
  const { startS, endS } = alignToStep(exact.startS, exact.endS, stepS);
  const answers = await Promise.all(
    queries.map(({ expression }) => queryRange({ expression, startS, endS, stepS }, signal)),
  );
  const lines = answers.flatMap((series, index) => linesOf(series, queries[index], keep));
  return alignSeries(strongest(lines), startS, endS, stepS);
}

function linesOf(
  series: readonly RangeSeries[],
  query: ChartQuery | undefined,
  keep: ((labels: Labels) => boolean) | undefined,
): Line[] {
  if (!query) return [];
  const { label, order = [] } = query;
  return series
    .filter((range) => keep?.(range.labels) ?? true)
    .map((range) => ({ label: typeof label === 'string' ? label : label(range.labels), range }))
    .toSorted((left, right) => placeOf(left, order) - placeOf(right, order) || byLabel(left, right));
}

function placeOf(line: Line, order: readonly string[]): number {
  const place = order.indexOf(line.label);
  return place === -1 ? order.length : place;
}

const byLabel = (left: Line, right: Line) => left.label.localeCompare(right.label, 'en', { numeric: true });

function strongest(lines: readonly Line[]): readonly Line[] {
  if (lines.length <= maxLines) return lines;
  const peak = (line: Line) => line.range.values.reduce((high, value) => (value > high ? value : high), 0);
  const kept = new Set(lines.toSorted((left, right) => peak(right) - peak(left)).slice(0, maxLines));
  return lines.filter((line) => kept.has(line));
}
