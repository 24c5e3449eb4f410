import uPlot from 'uplot';
import { type ChartData, lonely } from '../lib/chart-data.ts';
import { formatTick, type Unit } from '../lib/format.ts';
import { formatTimeTick } from '../lib/time.ts';

/** Epoch seconds; an open end reaches to the edge. */
export interface ChartSpan {
  readonly fromS: number;
  readonly toS: number | null;
}

/** How a chart's lines are drawn; plain data, so that a change can be seen by comparing. */
export interface ChartStyle {
  readonly height?: number;
  /** The y axis reaches at least, and at most, this. */
  readonly atLeast?: number;
  readonly atMost?: number;
  /** The y axis shows the values' own range instead of beginning at zero. */
  readonly ownRange?: boolean;
  /** Horizontal line with its name. */
  readonly threshold?: { readonly value: number; readonly label: string } | undefined;
  /** Time spans to shade, in which something was wrong. */
  readonly spans?: readonly ChartSpan[];
  /** Pairs of series (upper, lower) between which is filled. */
  readonly bands?: readonly {
    readonly upper: number;
    readonly lower: number;
    readonly colour: number;
    readonly label: string;
  }[];
  /** Series drawn as no line (edges of bands), or dashed. */
  readonly edges?: readonly number[];
  readonly dashed?: readonly number[];
  /** Colours by number 1..8, when they are not simply in order. */
  readonly colours?: readonly number[];
  /** Where the past ends and a forecast begins, epoch seconds. */
  readonly nowS?: number | undefined;
}

const colourCount = 8;

export function colourNumber(style: ChartStyle, index: number): number {
  return style.colours?.[index] ?? (index % colourCount) + 1;
}

interface ChartInput {
  readonly data: ChartData;
  readonly unit: Unit;
  readonly style?: ChartStyle;
  readonly width: number;
  readonly syncKey?: string;
  readonly onCursor: (index: number | null) => void;
  readonly onZoom?: (fromS: number, toS: number) => void;
}

/** CSS pixels. */
export const defaultHeight = 176;
/** Half of the longest time at the axis (`23 Nov 06:00`): the last one may stand at the very edge. */
const axisLabelHalf = 34;
const minZoomPixels = 8;

export function chartOptions(input: ChartInput): uPlot.Options {
  const { style = {}, data } = input;
  const css = getComputedStyle(document.documentElement);
  const colour = (name: string) => css.getPropertyValue(`--${name}`).trim();
  const seriesColour = (index: number) => colour(`series-${colourNumber(style, index)}`);
  return {
    width: input.width,
    height: style.height ?? defaultHeight,
    padding: [10, axisLabelHalf, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      points: { size: 6 },
      drag: { x: input.onZoom !== undefined, y: false, setScale: false },
      ...(input.syncKey === undefined ? {} : { sync: { key: input.syncKey, setSeries: false } }),
    },
    scales: {
      x: { time: true, range: (u, from, to) => xRange(u.data[0] ?? [], from, to) },
      y: { range: (_u, low, high) => yRange(low, high, style) },
    },
    axes: axes(colour, input.unit),
    series: [
      {},
      ...data.series.map((series, index) => lineOf(series.label, style, index, seriesColour(index))),
    ],
    bands: (style.bands ?? []).map((band) => ({
      series: [band.upper + 1, band.lower + 1] as [number, number],
      fill: `${colour(`series-${band.colour}`)}33`,
    })),
    hooks: hooks(input, colour),
  };
}

function lineOf(label: string, style: ChartStyle, index: number, colour: string): uPlot.Series {
  const isEdge = style.edges?.includes(index) ?? false;
  return {
    label,
    stroke: isEdge ? 'transparent' : colour,
    width: isEdge ? 0 : 1.6,
    // A gap is where nothing is known: it is left open; a sample alone between two gaps is a dot.
    spanGaps: false,
    points: isEdge ? { show: false } : { show: true, size: 4, filter: (u, at) => lonely(u.data[at] ?? []) },
    ...(style.dashed?.includes(index) ? { dash: [5, 4] } : {}),
  };
}

const loneSampleMarginS = 1800;

/** The times given; around a single one an hour, for which the library would show some years. */
function xRange(times: ArrayLike<number>, fromS: number | null, toS: number | null): uPlot.Range.MinMax {
  const only = times[0];
  if (times.length !== 1 || only === undefined) return [fromS, toS];
  return [only - loneSampleMarginS, only + loneSampleMarginS];
}

/** From zero unless the values' own range is asked for; the threshold is always in sight. */
function yRange(low: number | null, high: number | null, style: ChartStyle): [number, number] {
  const line = style.threshold?.value;
  const known = [low, high, line, style.ownRange ? undefined : 0, style.atLeast].filter(
    (value) => value !== null && value !== undefined,
  );
  if (known.length === 0) return [0, 1];
  const bottom = Math.min(...known);
  const top = Math.min(Math.max(...known), style.atMost ?? Number.POSITIVE_INFINITY);
  if (top <= bottom) return [style.ownRange ? bottom - 1 : bottom, bottom + 1];
  const spare = (top - bottom) * 0.06;
  const isWhole = top === style.atLeast || top === style.atMost;
  return [bottom === 0 ? 0 : bottom - spare, isWhole ? top : top + spare];
}

function axes(colour: (name: string) => string, unit: Unit): uPlot.Axis[] {
  const font = '11px system-ui, sans-serif';
  const common = {
    font,
    stroke: colour('ink-soft'),
    grid: { stroke: colour('line'), width: 1 },
    ticks: { stroke: colour('line'), width: 1, size: 4 },
  };
  const binary = unit === 'bytes' || unit === 'bytesPerSecond';
  return [
    {
      ...common,
      size: 26,
      space: 60,
      grid: { show: false },
      values: (_u, ticks) => ticks.map((tick, index) => formatTimeTick(tick, ticks[index - 1])),
    },
    {
      ...common,
      size: 66,
      space: 34,
      ticks: { show: false },
      values: (_u, ticks) => ticks.map((tick) => formatTick(tick, unit, (ticks[1] ?? 1) - (ticks[0] ?? 0))),
      ...(binary ? { incrs: binarySteps } : {}),
    },
  ];
}

/** Axis steps of 1, 2 and 5 hundred-odd bytes look odd in KiB; these are round in powers of 1024. */
const binarySteps = Array.from({ length: 60 }, (_, power) => 2 ** power);

function hooks(input: ChartInput, colour: (name: string) => string): uPlot.Hooks.Arrays {
  const { style = {}, onZoom } = input;
  return {
    setCursor: [(u) => input.onCursor(u.cursor.idx ?? null)],
    setSelect: [
      (u) => {
        if (!onZoom || u.select.width < minZoomPixels) return;
        const from = u.posToVal(u.select.left, 'x');
        const to = u.posToVal(u.select.left + u.select.width, 'x');
        u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        onZoom(from, to);
      },
    ],
    drawAxes: [(u) => drawSpans(u, style.spans ?? [], colour('red'))],
    draw: [(u) => drawThreshold(u, style, colour('red')), (u) => drawNow(u, style, colour('ink-soft'))],
  };
}

/** All spans as one path: where several overlap the ground is not darker than where there is one. */
function drawSpans(u: uPlot, spans: readonly ChartSpan[], colour: string): void {
  const { left, width, top, height } = u.bbox;
  const right = left + width;
  u.ctx.save();
  u.ctx.globalAlpha = 0.13;
  u.ctx.fillStyle = colour;
  u.ctx.beginPath();
  for (const span of spans) {
    const from = Math.max(left, u.valToPos(span.fromS, 'x', true));
    const to = span.toS === null ? right : Math.min(right, u.valToPos(span.toS, 'x', true));
    if (to >= left && from <= right) u.ctx.rect(from, top, Math.max(1, to - from), height);
  }
  u.ctx.fill();
  u.ctx.restore();
}

function drawThreshold(u: uPlot, style: ChartStyle, colour: string): void {
  if (!style.threshold) return;
  const { left, width, top, height } = u.bbox;
  const y = u.valToPos(style.threshold.value, 'y', true);
  if (y < top || y > top + height) return;
  const ratio = uPlot.pxRatio;
  u.ctx.save();
  u.ctx.strokeStyle = colour;
  u.ctx.lineWidth = 1.5 * ratio;
  u.ctx.setLineDash([6 * ratio, 4 * ratio]);
  u.ctx.beginPath();
  u.ctx.moveTo(left, y);
  u.ctx.lineTo(left + width, y);
  u.ctx.stroke();
  u.ctx.fillStyle = colour;
  u.ctx.font = `${11 * ratio}px system-ui, sans-serif`;
  u.ctx.textAlign = 'right';
  u.ctx.textBaseline = y - top > 16 * ratio ? 'bottom' : 'top';
  u.ctx.fillText(
    style.threshold.label,
    left + width - 4 * ratio,
    y + (y - top > 16 * ratio ? -2 : 3) * ratio,
  );
  u.ctx.restore();
}

/** A thin upright line where the past ends and a forecast begins. */
function drawNow(u: uPlot, style: ChartStyle, colour: string): void {
  if (style.nowS === undefined) return;
  const { top, height } = u.bbox;
  const x = u.valToPos(style.nowS, 'x', true);
  u.ctx.save();
  u.ctx.strokeStyle = colour;
  u.ctx.lineWidth = uPlot.pxRatio;
  u.ctx.setLineDash([2 * uPlot.pxRatio, 3 * uPlot.pxRatio]);
  u.ctx.beginPath();
  u.ctx.moveTo(x, top);
  u.ctx.lineTo(x, top + height);
  u.ctx.stroke();
  u.ctx.restore();
}
