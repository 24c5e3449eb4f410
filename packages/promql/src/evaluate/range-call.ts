import { executionError } from '../errors.ts';
import { absentLabels } from '../functions/absent.ts';
import type { RangeCall } from '../functions/range-function.ts';
import { EXTENDED_FUNCTIONS, RANGE_FUNCTIONS } from '../functions/range-functions.ts';
import { overSeries } from '../rollup/over-series.ts';
import type { Call, Expression, MatrixSelector, Subquery } from '../syntax/ast.ts';
import type { Position } from '../syntax/position.ts';
import { quoteGo } from '../text/go-quote.ts';
import {
  ABSENT,
  type Column,
  ColumnFactory,
  dropMetadata,
  FLOAT,
  isEmpty,
  mergeAfterDrop,
  newColumn,
  setFloat,
} from './column.ts';
import type { Evaluator } from './evaluator.ts';
import type { Grid } from './grid.ts';
import { type RangeInput, rangeInput } from './range-input.ts';
import type { RangeSeries } from './value.ts';
import { WindowFinder } from './windows.ts';

/** Series between two looks at whether the query is still wanted. */
const SERIES_BETWEEN_CHECKS = 256;

/** Functions that use start timestamps. */
const WITH_STARTS = new Set(['rate', 'irate', 'increase', 'resets']);

/** Evaluates a function of a range vector: one pass over each series. */
export function evaluateRangeCall(node: Call, grid: Grid, evaluator: Evaluator): Column[] {
  const ahead = evaluator.context.ahead.get(node);
  if (ahead) return ahead;
  const parts = rangeCallParts(node, grid, evaluator);
  for (;;) {
    const { done, value } = parts.next();
    if (done) return value;
  }
}

/** Whether a node is a function of a range vector. */
export function isRangeCall(node: Expression): node is Call {
  return node.kind === 'call' && RANGE_FUNCTIONS.has(node.name) && node.args.some(isRange);
}

/** The same in parts: it may be left to rest after each series. */
export function* rangeCallParts(
  node: Call,
  grid: Grid,
  evaluator: Evaluator,
): Generator<undefined, Column[]> {
  const { context } = evaluator;
  const rangeNode = node.args.find(isRange);
  const compute = RANGE_FUNCTIONS.get(node.name);
  if (!rangeNode || !compute) throw new TypeError(`no implementation of ${node.name}`);
  const input = rangeInput(rangeNode, grid, evaluator);
  const scalars = node.args.filter((arg) => arg !== rangeNode).map((arg) => evaluator.scalar(arg, grid));
  checkExtended(node.name, input.extended);
  const call = rangeCall(node, rangeNode, input, scalars, grid, evaluator);
  const dropName = node.name !== 'last_over_time' && node.name !== 'first_over_time';
  const late = context.settings.delayedNameRemoval;
  const columns: Column[] = [];
  const factory = new ColumnFactory(grid.count, input.labels.length, context.memory);
  for (let index = 0; index < input.labels.length; index++) {
    if (index % SERIES_BETWEEN_CHECKS === 0) context.checkRunning();
    yield;
    const each = input.series(index);
    context.samples.add(grid.count);
    const series = WITH_STARTS.has(node.name) ? each : withoutStarts(each);
    const drop = dropName || series.dropName;
    const out = factory.make(series.labels, drop);
    overSeries(node.name, compute, series, call, out);
    if (isEmpty(out)) continue;
    if (node.name === 'rate' || node.name === 'increase') informNonCounter(series, out, node, evaluator);
    if (drop && !late) out.labels = dropMetadata(series.labels);
    columns.push(out);
  }
  if (node.name === 'absent_over_time') return absentOverTime(columns, rangeNode, grid);
  if (late) return columns;
  return mergeAfterDrop(columns, input.labels);
}

function isRange(arg: Expression): arg is MatrixSelector | Subquery {
  return arg.kind === 'range' || arg.kind === 'subquery';
}

function withoutStarts(series: RangeSeries): RangeSeries {
  if (!series.floats.starts && !series.histograms?.starts) return series;
  const { times, values } = series.floats;
  const { histograms } = series;
  return {
    ...series,
    floats: { times, values },
    ...(histograms && { histograms: { times: histograms.times, values: histograms.values } }),
  };
}

function checkExtended(name: string, extended: 'anchored' | 'smoothed' | undefined): void {
  if (!extended || EXTENDED_FUNCTIONS[extended].some((safe) => safe === name)) return;
  const safe = EXTENDED_FUNCTIONS[extended].join(', ');
  throw executionError(`${extended} modifier can only be used with: ${safe} - not with ${name}`);
}

function rangeCall(
  node: Call,
  rangeNode: Expression,
  input: RangeInput,
  scalars: readonly Float64Array[],
  grid: Grid,
  { context }: Evaluator,
): RangeCall {
  const { rangeMs, reference, extended } = input;
  const { lookbackMs } = context.settings;
  // Extended ranges also need the samples just outside their edges.
  const before = extended ? lookbackMs : 0;
  const after = extended === 'smoothed' ? lookbackMs : 0;
  const windows = new WindowFinder(
    grid,
    reference.firstMs + after,
    reference.stepMs,
    rangeMs + before + after,
  );
  return {
    grid,
    rangeMs,
    firstEndMs: reference.firstMs,
    endStepMs: reference.stepMs,
    windows,
    scalars,
    position: placeOf(node.args[0] ?? rangeNode),
    argPositions: node.args.map(placeOf),
    annotations: context.annotations,
    settings: context.settings,
    extended,
  };
}

/** Where remarks on an argument point: as in Prometheus, for a subquery at the beginning of the query. */
function placeOf(arg: Expression): Position {
  return arg.kind === 'subquery' ? { start: 0, end: 0 } : arg.position;
}

const COUNTER_SUFFIXES = ['_total', '_sum', '_count', '_bucket'];

/** Tells where a rate is taken of what does not look like a counter. */
function informNonCounter(series: RangeSeries, out: Column, node: Call, { context }: Evaluator): void {
  const { name } = series.labels;
  if (name === '' || !out.presence.includes(FLOAT)) return;
  const position = placeOf(node.args[0] ?? node);
  if (!context.settings.typeAndUnitLabels) {
    if (COUNTER_SUFFIXES.some((suffix) => name.endsWith(suffix))) return;
    const what = 'metric might not be a counter, name does not end in _total/_sum/_count/_bucket:';
    context.annotations.inform(`${what} ${quoteGo(name)}`, position);
    return;
  }
  const type = series.labels.get('__type__');
  if (type === 'counter' || type === 'histogram') return;
  const what = 'metric might not be a counter, __type__ label is not set to "counter" or "histogram"';
  context.annotations.inform(`${what}, got ${quoteGo(type)}: ${quoteGo(name)}`, position);
}

/** 1 at each step at which no series has a sample. */
function absentOverTime(columns: readonly Column[], node: Expression, grid: Grid): Column[] {
  const absent = newColumn(absentLabels(node), grid.count, true);
  for (let step = 0; step < grid.count; step++) {
    if (columns.every(({ presence }) => presence[step] === ABSENT)) setFloat(absent, step, 1);
  }
  return isEmpty(absent) ? [] : [absent];
}
