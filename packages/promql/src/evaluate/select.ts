import { PromqlError } from '../errors.ts';
import { toStatistics } from '../histogram/derive-hints.ts';
import type { Instants, Queryable, SelectRequest, SeriesColumns } from '../queryable.ts';
import type { Expression, MatrixSelector, Subquery, VectorSelector } from '../syntax/ast.ts';
import { visitExpression } from '../syntax/visit.ts';
import { resolveRollups } from '../rollup/resolve-rollups.ts';
import type { Annotations } from './annotations.ts';
import type { EvaluationSettings } from './context.ts';
import { infoSelection } from '../functions/info-selection.ts';
import { gridBetween } from './grid.ts';
import type { QueryTimes } from './resolve.ts';
import { referenceTime } from './selector-time.ts';
import { firstAfter } from './windows.ts';

/** A selector of a resolved expression and what to read for it. */
export interface Selection {
  readonly selector: VectorSelector;
  readonly request: SelectRequest;
}

/** Works out which samples every selector needs: its times under `@`, offsets, subqueries, range and lookback. */
export function planSelections(
  expression: Expression,
  times: QueryTimes,
  settings: EvaluationSettings,
): readonly Selection[] {
  const selections: Selection[] = [];
  visitExpression(expression, (node, path) => {
    if (node.kind === 'call' && node.name === 'info') {
      const info = infoSelection(node);
      selections.push({ selector: info, request: requestFor(info, undefined, path, times, settings) });
    }
    const parent = path.at(-1);
    if (node.kind === 'range') {
      selections.push({
        selector: node.selector,
        request: requestFor(node.selector, node, path, times, settings),
      });
    } else if (node.kind === 'selector' && parent?.kind !== 'range' && !isInfoSelector(node, parent)) {
      selections.push({ selector: node, request: requestFor(node, undefined, path, times, settings) });
    }
  });
  return selections;
}

/** The second argument of `info` only lends its matchers. */
function isInfoSelector(node: VectorSelector, parent: Expression | undefined): boolean {
  return parent?.kind === 'call' && parent.name === 'info' && parent.args[1] === node;
}

function requestFor(
  selector: VectorSelector,
  range: MatrixSelector | undefined,
  path: readonly Expression[],
  times: QueryTimes,
  settings: EvaluationSettings,
): SelectRequest {
  let { startMs, endMs } = times;
  for (const node of path) {
    if (node.kind === 'subquery') ({ startMs, endMs } = insideSubquery(node, startMs, endMs));
  }
  if (selector.at?.kind === 'time') {
    startMs = selector.at.timeMs;
    endMs = startMs;
  }
  const offsetMs = selector.offset?.ms ?? 0;
  const { lookbackMs } = settings;
  const rangeMs = range?.range.ms ?? 0;
  const before = range ? rangeMs + (selector.extended ? lookbackMs : 0) : lookbackMs;
  const after = selector.extended === 'smoothed' ? lookbackMs : 0;
  return {
    matchers: selector.matchers,
    // Windows are open on the left.
    startMs: startMs - before + 1 - offsetMs,
    endMs: endMs + after - offsetMs,
    stepMs: times.stepMs,
    rangeMs,
    rollups: true,
    ...timesOf(selector, range, path, times),
    ...callerOf(path.at(-1)),
  };
}

/** The times an instant selector looks at, or a range selector's windows end at, where they are the query's own. */
function timesOf(
  selector: VectorSelector,
  range: MatrixSelector | undefined,
  path: readonly Expression[],
  { startMs, endMs, stepMs }: QueryTimes,
): { instants?: Instants; windows?: Instants } {
  if (selector.extended || path.some((node) => node.kind === 'subquery')) return {};
  const grid = gridBetween(startMs, endMs, stepMs || 1);
  const reference = referenceTime(selector, grid);
  const looks = { ...reference, count: reference.stepMs === 0 ? 1 : grid.count };
  return range === undefined ? { instants: looks } : { windows: looks };
}

function callerOf(node: Expression | undefined): { function?: string } {
  if (node?.kind === 'call') return { function: node.name };
  return node?.kind === 'aggregation' ? { function: node.operator } : {};
}

function insideSubquery(node: Subquery, startMs: number, endMs: number): { startMs: number; endMs: number } {
  const offsetMs = node.offset?.ms ?? 0;
  const at = node.at?.kind === 'time' ? node.at.timeMs : undefined;
  return { startMs: (at ?? startMs) - offsetMs - node.range.ms, endMs: (at ?? endMs) - offsetMs };
}

/** What was read, by selector, and the answers as they were given. */
export interface ReadData {
  readonly data: ReadonlyMap<VectorSelector, readonly SeriesColumns[]>;
  readonly answers: readonly (readonly SeriesColumns[])[];
}

/** Reads all selections. Throws where there are more series than a query may read. */
export async function readSelections(
  selections: readonly Selection[],
  statistics: ReadonlySet<VectorSelector>,
  queryable: Queryable,
  annotations: Annotations,
  maxSeries: number,
  signal: AbortSignal | undefined,
): Promise<ReadData> {
  const answers: (readonly SeriesColumns[])[] = [];
  const data = new Map<VectorSelector, readonly SeriesColumns[]>();
  let total = 0;
  for (const { selector, request } of selections) {
    const found = await queryable.select(request, signal);
    answers.push(found);
    total += found.length;
    if (total > maxSeries) {
      throw new PromqlError('limit', `query would read more than ${maxSeries} series: narrow its selectors`);
    }
    const series = resolveRollups(found, selector, request, annotations);
    data.set(
      selector,
      statistics.has(selector) ? series.map((each) => withStatistics(each, request.startMs)) : series,
    );
  }
  return { data, answers };
}

function withStatistics(series: SeriesColumns, startMs: number): SeriesColumns {
  const { histograms, timestamps } = series;
  if (!histograms) return series;
  return { ...series, histograms: toStatistics(histograms, firstAfter(timestamps, startMs - 1)) };
}
