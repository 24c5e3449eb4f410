import type { Answer, Series } from './ask.ts';

type Point = readonly [time: number, value: string];

/** A server keeps at most ten annotations of a kind, and which ones is not defined. */
const ANNOTATIONS_KEPT = 10;

export interface Comparison {
  /** Whether the order of an instant vector counts. */
  readonly ordered: boolean;
  /** How far numbers may differ, as a part of the greater; 1e-9. */
  readonly tolerance?: number;
}

/** What differs between two answers in a few words, or undefined. */
export function compareAnswers(ours: Answer, theirs: Answer, comparison: Comparison): string | undefined {
  if (ours.httpStatus !== theirs.httpStatus || ours.status !== theirs.status) return 'status';
  if (ours.errorType !== theirs.errorType) return 'type of error';
  if (withoutSeries(ours.error) !== withoutSeries(theirs.error)) return 'message';
  return (
    compareData(ours.data, theirs.data, comparison) ??
    compareAnnotations('warnings', ours.warnings, theirs.warnings) ??
    compareAnnotations('infos', ours.infos, theirs.infos)
  );
}

/** NaN equals NaN. */
export function sameValue(ours: string, theirs: string, tolerance = 1e-9): boolean {
  if (ours === theirs) return true;
  const [a, b] = [Number(ours.replace('Inf', 'Infinity')), Number(theirs.replace('Inf', 'Infinity'))];
  return Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b)) && Number.isFinite(a - b);
}

/** A label set as text, to compare and to sort by. */
export function labelsKey(metric: Series['metric']): string {
  return JSON.stringify(Object.entries(metric).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function pointsOf({ value, values }: Series): readonly Point[] {
  return values ?? (value === undefined ? [] : [value]);
}

/** Which of several offending series a message names depends on the order they are read in. */
function withoutSeries(message: string | undefined): string | undefined {
  return message?.replaceAll(/\{[^{}]*\}/g, '{}');
}

function compareData(
  ours: Answer['data'],
  theirs: Answer['data'],
  comparison: Comparison,
): string | undefined {
  if (ours === undefined || theirs === undefined) return ours === theirs ? undefined : 'data';
  if (ours.resultType !== theirs.resultType) return 'type of result';
  if (ours.resultType === 'scalar' || ours.resultType === 'string') {
    return comparePoints([ours.result as Point], [theirs.result as Point], comparison);
  }
  return compareSeries(
    ours.result as readonly Series[],
    theirs.result as readonly Series[],
    comparison,
    ours.resultType === 'matrix',
  );
}

function compareSeries(
  ours: readonly Series[],
  theirs: readonly Series[],
  comparison: Comparison,
  sorted: boolean,
): string | undefined {
  if (ours.length !== theirs.length) return 'number of series';
  const byLabels = new Map(ours.map((series) => [labelsKey(series.metric), series]));
  for (const series of theirs) {
    const mine = byLabels.get(labelsKey(series.metric));
    if (mine === undefined) return 'labels';
    const difference = comparePoints(pointsOf(mine), pointsOf(series), comparison);
    if (difference !== undefined) return difference;
  }
  const outOfPlace = ours.some((mine, index) => {
    const series = theirs[index];
    if (series === undefined) return true;
    if (sorted) return labelsKey(mine.metric) !== labelsKey(series.metric);
    return comparison.ordered && comparePoints(pointsOf(mine), pointsOf(series), comparison) !== undefined;
  });
  return outOfPlace ? 'order' : undefined;
}

function comparePoints(
  ours: readonly Point[],
  theirs: readonly Point[],
  { tolerance }: Comparison,
): string | undefined {
  if (ours.length !== theirs.length) return 'number of points';
  for (const [index, [time, value]] of ours.entries()) {
    const [theirTime, theirValue] = theirs[index] ?? [Number.NaN, ''];
    if (time !== theirTime) return 'time';
    if (value !== theirValue && !sameValue(value, theirValue, tolerance)) return 'value';
  }
  return undefined;
}

function compareAnnotations(
  kind: string,
  ours: readonly string[] = [],
  theirs: readonly string[] = [],
): string | undefined {
  if (ours.length !== theirs.length) return kind;
  if (ours.length >= ANNOTATIONS_KEPT) return undefined;
  const rest = new Set(theirs.map((text) => withoutSeries(text)));
  return ours.every((text) => rest.has(withoutSeries(text))) ? undefined : kind;
}
