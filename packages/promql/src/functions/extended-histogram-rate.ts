import { setHistogram } from '../evaluate/column.ts';
import type { RangeSeries } from '../evaluate/value.ts';
import { addHistograms, subtractHistograms } from '../histogram/combine.ts';
import { detectReset } from '../histogram/detect-reset.ts';
import type { FloatHistogram } from '../histogram/float-histogram.ts';
import { edgeIndexes, type Edges } from './edges.ts';
import { remarkGauges, remarkReconciled, warnIncompatible } from './histogram-remarks.ts';
import type { RangeCall, RangeFunction } from './range-function.ts';
import type { RateKind } from './extrapolate.ts';

interface HistogramPoint {
  readonly time: number;
  readonly histogram: FloatHistogram;
}

interface ExtendedWindow extends Edges {
  readonly kind: RateKind;
  readonly step: number;
  readonly from: number;
  readonly to: number;
}

/** The outcome where exponential and custom buckets meet; the window then has no result. */
const INCOMPATIBLE = Symbol('incompatible buckets');

/** As `extendedRate`, for a window of native histograms. */
export function extendedHistogramRate(
  series: RangeSeries,
  call: RangeCall,
  out: Parameters<RangeFunction>[2],
  window: ExtendedWindow,
): void {
  const result = change(series, call, window);
  if (result === INCOMPATIBLE) warnIncompatible(series, call);
  else if (result) {
    const scaled = window.kind.perSecond ? result.divide(call.rangeMs / 1000) : result;
    setHistogram(out, window.step, scaled.withHint('gauge').compact());
  }
}

type Maybe = FloatHistogram | typeof INCOMPATIBLE;

function change(series: RangeSeries, call: RangeCall, window: ExtendedWindow): Maybe | undefined {
  const points = pointsOf(series, window.from, window.to);
  const smoothed = call.extended === 'smoothed';
  const times = Float64Array.from(points, ({ time }) => time);
  const { first, last } = edgeIndexes(times, window, smoothed);
  const inside = points.slice(first, last + 1);
  const [head] = inside;
  const tail = inside.at(-1);
  if (!head || !tail || tail.time <= window.startMs) return undefined;
  if (smoothed && head.time > window.endMs) return undefined;
  const histograms = inside.map(({ histogram }) => histogram);
  if (histograms.some((h) => h.usesCustomBuckets !== head.histogram.usesCustomBuckets)) return INCOMPATIBLE;
  if (window.kind.isCounter) remarkGauges(series, call, histograms, true);
  const edges = edgeHistograms(inside, points[last - 1], call, window);
  if (edges === INCOMPATIBLE) return INCOMPATIBLE;
  const { left, right } = edges;
  if (!window.kind.isCounter) remarkGauges(series, call, [left, right], false);
  const difference = subtractHistograms(right, left);
  if (!difference) return INCOMPATIBLE;
  remarkReconciled(call, difference, 'subtraction');
  if (!window.kind.isCounter) return difference.histogram;
  return corrected(difference.histogram, inside, edges, smoothed && head.time < window.startMs, call);
}

/** The histograms at the edges of a window. */
function edgeHistograms(
  inside: readonly HistogramPoint[],
  beforeLast: HistogramPoint | undefined,
  call: RangeCall,
  { startMs, endMs, kind }: ExtendedWindow,
): { left: FloatHistogram; right: FloatHistogram } | typeof INCOMPATIBLE {
  const [head, second] = inside;
  const tail = inside.at(-1);
  if (!head || !tail) return INCOMPATIBLE;
  let left: Maybe = head.histogram;
  let right: Maybe = tail.histogram;
  if (call.extended === 'smoothed') {
    if (head.time < startMs) left = between(head, second, startMs, kind.isCounter, call);
    if (tail.time > endMs && beforeLast) right = between(beforeLast, tail, endMs, kind.isCounter, call);
  }
  return left === INCOMPATIBLE || right === INCOMPATIBLE ? INCOMPATIBLE : { left, right };
}

function pointsOf({ histograms }: RangeSeries, from: number, to: number): HistogramPoint[] {
  const points: HistogramPoint[] = [];
  for (let i = from; i < to; i++) {
    const histogram = histograms?.values[i];
    if (histogram) points.push({ time: histograms?.times[i] ?? 0, histogram });
  }
  return points;
}

function between(
  before: HistogramPoint,
  after: HistogramPoint | undefined,
  time: number,
  isCounter: boolean,
  call: RangeCall,
): Maybe {
  return after
    ? (interpolateHistograms(before, after, time, isCounter, call) ?? INCOMPATIBLE)
    : before.histogram;
}

/**
 * The histogram on the line between two; a counter that was reset between them is taken to have started from zero.
 * Undefined where their buckets do not fit together.
 */
export function interpolateHistograms(
  before: HistogramPoint,
  after: HistogramPoint,
  time: number,
  isCounter: boolean,
  call: Pick<RangeCall, 'annotations' | 'position'>,
): FloatHistogram | undefined {
  if (time === before.time) return before.histogram;
  if (time === after.time) return after.histogram;
  const fraction = (time - before.time) / (after.time - before.time);
  if (isCounter && detectReset(after.histogram, before.histogram)) return after.histogram.multiply(fraction);
  const difference = subtractHistograms(after.histogram, before.histogram);
  if (!difference) return undefined;
  remarkReconciled(call, difference, 'subtraction');
  const sum = addHistograms(difference.histogram.multiply(fraction), before.histogram);
  if (sum) remarkReconciled(call, sum, 'addition');
  return sum?.histogram;
}

/** Adds what the counter had reached before each reset between the edges. */
function corrected(
  difference: FloatHistogram,
  inside: readonly HistogramPoint[],
  edges: { readonly left: FloatHistogram; readonly right: FloatHistogram },
  interpolatedLeft: boolean,
  call: RangeCall,
): Maybe {
  let previous = edges.left;
  let from = 1;
  const [head, second] = inside;
  if (interpolatedLeft && head && second && detectReset(second.histogram, head.histogram)) {
    // The left edge lies on the far side of this reset already.
    previous = second.histogram;
    from++;
  }
  if (from > inside.length - 1) return difference;
  let correction: FloatHistogram | undefined;
  for (const current of [...inside.slice(from, -1).map(({ histogram }) => histogram), edges.right]) {
    if (detectReset(current, previous)) {
      const sum = correction
        ? addHistograms(correction, previous)
        : { histogram: previous, boundsReconciled: false };
      if (!sum) return INCOMPATIBLE;
      remarkReconciled(call, sum, 'addition');
      correction = sum.histogram;
    }
    previous = current;
  }
  if (!correction) return difference;
  const total = addHistograms(difference, correction);
  if (total) remarkReconciled(call, total, 'addition');
  return total?.histogram ?? INCOMPATIBLE;
}
