import { setFloat } from '../evaluate/column.ts';
import type { FloatSamples, RangeSeries } from '../evaluate/value.ts';
import { extendedHistogramRate } from './extended-histogram-rate.ts';
import { forEachWindow, type RangeCall, type RangeFunction, warnMixed } from './range-function.ts';
import { edgeIndexes, type Edges } from './edges.ts';
import type { RateKind } from './extrapolate.ts';
import { isStartReset, isStartResetAfter } from './start-timestamps.ts';

/**
 * rate, increase and delta of `anchored` and `smoothed` ranges: the values at the range's edges are those of the
 * samples outside it, or what lies on the line between the samples around each edge.
 */
export function extendedRate(
  series: RangeSeries,
  call: RangeCall,
  out: Parameters<RangeFunction>[2],
  kind: RateKind,
): void {
  forEachWindow(series, call, (step, floatFrom, floatTo, histogramFrom, histogramTo) => {
    const edges = windowEdges(call, step);
    if (floatFrom === floatTo) {
      extendedHistogramRate(series, call, out, {
        kind,
        step,
        from: histogramFrom,
        to: histogramTo,
        ...edges,
      });
    } else if (histogramFrom === histogramTo) {
      const change = floatChange(slice(series.floats, floatFrom, floatTo), call, kind, edges);
      if (change !== undefined) setFloat(out, step, kind.perSecond ? change / (call.rangeMs / 1000) : change);
    } else warnMixed(series, call);
  });
}

function windowEdges(call: RangeCall, step: number): Edges {
  const endMs = call.firstEndMs + step * call.endStepMs;
  return { startMs: endMs - call.rangeMs, endMs };
}

function slice({ times, values, starts }: FloatSamples, from: number, to: number): FloatSamples {
  return {
    times: times.subarray(from, to),
    values: values.subarray(from, to),
    ...(starts && { starts: starts.subarray(from, to) }),
  };
}

/** A value at an edge with the start timestamp it counts under. */
interface EdgeValue {
  readonly value: number;
  readonly start: number;
}

interface Point {
  readonly time: number;
  readonly value: number;
  readonly start: number;
}

function pointAt({ times, values, starts }: FloatSamples, index: number): Point {
  return { time: times[index] ?? 0, value: values[index] ?? 0, start: starts?.[index] ?? 0 };
}

function floatChange(
  samples: FloatSamples,
  call: RangeCall,
  kind: RateKind,
  edges: Edges,
): number | undefined {
  const smoothed = call.extended === 'smoothed';
  const { first, last } = edgeIndexes(samples.times, edges, smoothed);
  if ((samples.times[last] ?? 0) <= edges.startMs) return undefined;
  const lookbackStart = edges.startMs - call.settings.lookbackMs;
  const firstPoint = pointAt(samples, first);
  if (smoothed && firstPoint.time > edges.endMs) {
    const { start, time } = firstPoint;
    const began =
      isStartResetAfter(lookbackStart, start, time) && !isStartResetAfter(edges.endMs, start, time);
    if (!kind.isCounter || !began) return undefined;
  }
  const how = { smoothed, isCounter: kind.isCounter, lookbackStart };
  const left = leftEdge(samples, first, edges.startMs, how);
  const right = rightEdge(samples, last, edges.endMs, how);
  const change = right.value - left.value;
  if (!kind.isCounter) return change;
  const from = firstPoint.time <= edges.startMs ? first + 1 : first;
  const to = (samples.times[last] ?? 0) >= edges.endMs ? last : last + 1;
  return change + resetCorrection(samples, from, to, left, right, edges);
}

/** The samples of a window between its edges, with one at each edge. Not knowing better, it takes them for a gauge's. */
export function extendFloats(
  samples: FloatSamples,
  edges: Edges,
  smoothed: boolean,
  lookbackMs: number,
): { timestamps: Float64Array; values: Float64Array } {
  const { times, values } = samples;
  const { first, last } = edgeIndexes(times, edges, smoothed);
  if (times.length === 0 || (times[last] ?? 0) <= edges.startMs) {
    return { timestamps: new Float64Array(0), values: new Float64Array(0) };
  }
  const how = { smoothed, isCounter: false, lookbackStart: edges.startMs - lookbackMs };
  const left = leftEdge(samples, first, edges.startMs, how);
  const right = rightEdge(samples, last, edges.endMs, how);
  const from = (times[first] ?? 0) <= edges.startMs ? first + 1 : first;
  const to = Math.max(from, (times[last] ?? 0) >= edges.endMs ? last : last + 1);
  return {
    timestamps: framed(edges.startMs, times.subarray(from, to), edges.endMs),
    values: framed(left.value, values.subarray(from, to), right.value),
  };
}

function framed(first: number, middle: Float64Array, last: number): Float64Array {
  const out = new Float64Array(middle.length + 2);
  out[0] = first;
  out.set(middle, 1);
  out[middle.length + 1] = last;
  return out;
}

interface EdgeRules {
  readonly smoothed: boolean;
  readonly isCounter: boolean;
  readonly lookbackStart: number;
}

/** The value on the line between two points; a counter that fell is taken to have started over from zero. */
function interpolate(before: Point, after: Point, time: number, isCounter: boolean): number {
  const from = isCounter && after.value < before.value ? 0 : before.value;
  return from + ((after.value - from) * (time - before.time)) / (after.time - before.time);
}

/** The value at an edge that no sample precedes: what the start timestamp lets conclude, else the sample's own. */
function valueBeforeFirst(point: Point, edgeMs: number, rules: EdgeRules): number {
  const { start, time, value } = point;
  if (!rules.isCounter || !isStartResetAfter(rules.lookbackStart, start, time)) return value;
  if (isStartResetAfter(edgeMs, start, time) || !rules.smoothed) return 0;
  return interpolate({ time: start, value: 0, start: 0 }, point, edgeMs, true);
}

function leftEdge(samples: FloatSamples, index: number, startMs: number, rules: EdgeRules): EdgeValue {
  const point = pointAt(samples, index);
  if (point.time === startMs) return { value: point.value, start: point.start };
  const start = point.start > startMs ? 0 : point.start;
  if (point.time > startMs) return { value: valueBeforeFirst(point, startMs, rules), start };
  let before = point;
  let after = pointAt(samples, index + 1);
  let edgeStart = start;
  if (rules.isCounter && isStartResetAfter(startMs, after.start, after.time)) {
    after = { time: after.start, value: 0, start: after.start };
  } else if (rules.isCounter && isStartReset(before.start, before.time, after.start, after.time)) {
    before = { time: after.start, value: 0, start: before.start };
    edgeStart = after.start;
  }
  const value = rules.smoothed ? interpolate(before, after, startMs, rules.isCounter) : before.value;
  return { value, start: edgeStart };
}

function rightEdge(samples: FloatSamples, index: number, endMs: number, rules: EdgeRules): EdgeValue {
  const point = pointAt(samples, index);
  const start = point.start > endMs ? 0 : point.start;
  if (point.time <= endMs) return { value: point.value, start };
  if (index === 0) return { value: valueBeforeFirst(point, endMs, rules), start };
  let before = pointAt(samples, index - 1);
  let after = point;
  let edgeStart = start;
  if (rules.isCounter && isStartResetAfter(endMs, after.start, after.time)) {
    after = { time: after.start, value: 0, start: after.start };
    edgeStart = before.start;
  } else if (rules.isCounter && isStartReset(before.start, before.time, after.start, after.time)) {
    before = { time: after.start, value: 0, start: before.start };
  }
  const value = rules.smoothed ? interpolate(before, after, endMs, rules.isCounter) : before.value;
  return { value, start: edgeStart };
}

/** What the counter had reached before each reset between the edges. */
function resetCorrection(
  samples: FloatSamples,
  from: number,
  to: number,
  left: EdgeValue,
  right: EdgeValue,
  edges: Edges,
): number {
  let correction = 0;
  let previous: Point = { time: edges.startMs, ...left };
  const check = (point: Point): void => {
    const reset = isStartReset(previous.start, previous.time, point.start, point.time);
    if (point.value < previous.value || reset) correction += previous.value;
    previous = point;
  };
  for (let i = from; i < to; i++) check(pointAt(samples, i));
  check({ time: edges.endMs, ...right });
  return correction;
}
