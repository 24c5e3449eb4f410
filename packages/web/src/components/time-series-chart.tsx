import { useEffect, useId, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import '../styles/chart.css';
import { figuresOf, summarise, valueAt, type ChartData } from '../lib/chart-data.ts';
import type { Unit } from '../lib/format.ts';
import { scheme } from '../lib/scheme.ts';
import { formatInstant, zoneName } from '../lib/time.ts';
import { ChartFoot } from './chart-foot.tsx';
import { ChartLegend } from './chart-legend.tsx';
import { chartOptions, defaultHeight, type ChartStyle } from './chart-options.ts';

export interface TimeSeriesChartProps {
  readonly title: string;
  readonly unit: Unit;
  readonly data: ChartData;
  /** Charts of one key move their cursors together. */
  readonly syncKey?: string;
  readonly style?: ChartStyle;
  /** A dragged selection, epoch seconds. */
  readonly onZoom?: (fromS: number, toS: number) => void;
}

/** A chart of lines over time: uPlot for the drawing; keyboard cursor, legend, summary, table and exports beside it. */
export function TimeSeriesChart(props: TimeSeriesChartProps) {
  const { title, unit, data, style = {} } = props;
  const [cursor, setCursor] = useState<number | null>(null);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const { host, plot } = usePlot(props, hidden, setCursor);
  const summaryId = useId();
  const hasData = data.series.some((series) => figuresOf(series.values).last !== null);
  const at = cursor === null ? undefined : data.times[cursor];

  const toggle = (label: string) => {
    const next = new Set(hidden);
    if (!next.delete(label)) next.add(label);
    setHidden(next);
  };
  const moveTo = (index: number | null) => {
    const u = plot.current;
    const time = index === null ? undefined : data.times[index];
    if (!u) return;
    const left = time === undefined ? -10 : u.valToPos(time, 'x');
    publishCursor(u, { left, top: 10 });
    setCursor(time === undefined ? null : index);
  };

  return (
    <figure class="chart">
      <figcaption>
        <h3>{title}</h3>
        <span class="at">{at === undefined ? zoneName() : formatInstant(at * 1000)}</span>
      </figcaption>
      {hasData ? (
        <div
          class="plot"
          ref={host}
          tabIndex={0}
          role="slider"
          aria-label={`${title}: cursor`}
          aria-describedby={summaryId}
          aria-orientation="horizontal"
          aria-valuemin={0}
          aria-valuemax={data.times.length - 1}
          aria-valuenow={cursor ?? data.times.length - 1}
          aria-valuetext={cursorText(data, cursor, unit)}
          style={{ '--chart-height': `${style.height ?? defaultHeight}px` }}
          onKeyDown={(event) => onCursorKey(event, cursor, data.times.length, moveTo)}
        />
      ) : (
        <p class="no-data">No samples in this time range.</p>
      )}
      {hasData ? (
        <>
          <ChartLegend
            data={data}
            unit={unit}
            cursor={cursor}
            hidden={hidden}
            style={style}
            onToggle={toggle}
          />
          <p class="visually-hidden" id={summaryId}>
            {summarise(data, unit)}
          </p>
          <ChartFoot title={title} unit={unit} data={data} plot={plot} />
        </>
      ) : null}
    </figure>
  );
}

/** The third argument, missing in the library's types, makes charts of the same key follow as they follow the mouse. */
function publishCursor(u: uPlot, at: { readonly left: number; readonly top: number }): void {
  (u.setCursor as (position: typeof at, fire: boolean, publish: boolean) => void)(at, true, true);
}

function cursorText(data: ChartData, cursor: number | null, unit: Unit): string {
  const index = cursor ?? data.times.length - 1;
  const time = data.times[index];
  if (time === undefined) return 'no samples';
  const values = data.series.map((series) => `${series.label} ${valueAt(series, index, unit)}`);
  return `${formatInstant(time * 1000)}: ${values.join(', ')}`;
}

const pageOfPoints = 20;

function onCursorKey(
  event: KeyboardEvent,
  cursor: number | null,
  count: number,
  moveTo: (index: number | null) => void,
): void {
  const last = count - 1;
  const from = cursor ?? last;
  const targets: Readonly<Record<string, number | null>> = {
    ArrowLeft: from - 1,
    ArrowRight: from + 1,
    ArrowDown: from - 1,
    ArrowUp: from + 1,
    PageDown: from - pageOfPoints,
    PageUp: from + pageOfPoints,
    Home: 0,
    End: last,
    Escape: null,
  };
  const target = targets[event.key];
  if (target === undefined) return;
  event.preventDefault();
  moveTo(target === null ? null : Math.min(last, Math.max(0, target)));
}

/** Owns the uPlot instance: made anew when the lines or the colours change, fed when only the data does. */
function usePlot(
  props: TimeSeriesChartProps,
  hidden: ReadonlySet<string>,
  onCursor: (index: number | null) => void,
) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const { data, style = {} } = props;
  const colours = scheme.value;
  const hasData = data.series.some((series) => figuresOf(series.values).last !== null);
  const shape = JSON.stringify([
    data.series.map((series) => series.label),
    style,
    props.unit,
    colours,
    hasData,
  ]);

  useEffect(() => {
    const element = host.current;
    if (!element) return undefined;
    const { width } = element.getBoundingClientRect();
    const options = chartOptions({ ...latest.current, width: Math.max(120, width), onCursor });
    const u = new uPlot(options, aligned(latest.current.data), element);
    plot.current = u;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) u.setSize({ width: Math.max(120, entry.contentRect.width), height: u.height });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      u.destroy();
      plot.current = undefined;
    };
  }, [shape]);

  useEffect(() => {
    plot.current?.setData(aligned(data));
  }, [data]);

  useEffect(() => {
    data.series.forEach((series, index) => {
      const show = !hidden.has(series.label);
      if (plot.current?.series[index + 1]?.show !== show) plot.current?.setSeries(index + 1, { show });
    });
  }, [hidden, shape]);

  return { host, plot };
}

function aligned(data: ChartData): uPlot.AlignedData {
  return [[...data.times], ...data.series.map((series) => [...series.values])];
}
