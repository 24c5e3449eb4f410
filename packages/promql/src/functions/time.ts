import {
  ABSENT,
  dropMetadata,
  FLOAT,
  isEmpty,
  mergeSameLabels,
  newColumn,
  setFloat,
} from '../evaluate/column.ts';
import type { Column } from '../evaluate/column.ts';
import type { Evaluator } from '../evaluate/evaluator.ts';
import type { Grid } from '../evaluate/grid.ts';
import { PickFinder } from '../evaluate/instant-selector.ts';
import type { Value } from '../evaluate/value.ts';
import { Labels } from '../labels.ts';
import { isStaleMarker } from '../stale-marker.ts';
import type { VectorSelector } from '../syntax/ast.ts';
import { civilTime, type CivilTime } from './civil-time.ts';
import { argument, type InstantFunction, mapColumns, mapFloats } from './instant-function.ts';

/** A function of a point in time in UTC: of each value in Unix seconds, or of the evaluation time. */
function ofDate(compute: (date: CivilTime) => number): InstantFunction {
  return (node, grid, evaluator) => {
    const [arg] = node.args;
    if (arg) {
      return mapColumns(evaluator.vector(arg, grid), grid, evaluator, (column, out) => {
        mapFloats(column, out, (value) => compute(civilTime(value)));
      });
    }
    const out = newColumn(Labels.EMPTY, grid.count);
    for (let step = 0; step < grid.count; step++)
      setFloat(out, step, compute(civilTime(stepSeconds(grid, step))));
    return { type: 'vector', columns: [out] };
  };
}

function stepSeconds(grid: Grid, step: number): number {
  return (grid.startMs + step * grid.stepMs) / 1000;
}

const time: InstantFunction = (_, grid) => ({
  type: 'scalar',
  values: Float64Array.from({ length: grid.count }, (_unused, step) => stepSeconds(grid, step)),
});

/** timestamp(): the time of the samples of a selector, or the evaluation time of anything else. */
const timestamp: InstantFunction = (node, grid, evaluator) => {
  const arg = argument(node, 0);
  if (arg.kind === 'selector')
    return sampleTimes(arg, grid, evaluator, (series, index) => series.timestamps[index]);
  return mapColumns(evaluator.vector(arg, grid), grid, evaluator, (column, out) => {
    for (let step = 0; step < grid.count; step++) {
      if (column.presence[step] !== ABSENT) setFloat(out, step, stepSeconds(grid, step));
    }
  });
};

/** start_timestamp(): known only for the samples of a selector, and only where start timestamps are used. */
const startTimestamp: InstantFunction = (node, grid, evaluator) => {
  const arg = argument(node, 0);
  if (arg.kind !== 'selector' || !evaluator.context.settings.startTimestamps)
    return { type: 'vector', columns: [] };
  return sampleTimes(arg, grid, evaluator, (series, index) => series.startTimestamps?.[index] ?? 0);
};

type StoredSeries = { readonly timestamps: Float64Array; readonly startTimestamps?: Float64Array };

function sampleTimes(
  selector: VectorSelector,
  grid: Grid,
  evaluator: Evaluator,
  timeOf: (series: StoredSeries, index: number) => number | undefined,
): Value {
  const { data, settings } = evaluator.context;
  const finder = new PickFinder(selector, grid, settings.lookbackMs);
  const late = settings.delayedNameRemoval;
  const columns: Column[] = [];
  for (const series of data.get(selector) ?? []) {
    const { indexes: picks } = finder.find(series.timestamps);
    const out = newColumn(late ? series.labels : dropMetadata(series.labels), grid.count, true);
    for (let step = 0; step < grid.count; step++) {
      const index = picks[step] ?? -1;
      if (index < 0 || (isStaleMarker(series.values, index) && !series.histograms?.[index])) continue;
      out.values[step] = (timeOf(series, index) ?? 0) / 1000;
      out.presence[step] = FLOAT;
    }
    if (!isEmpty(out)) columns.push(out);
  }
  return { type: 'vector', columns: late ? columns : mergeSameLabels(columns) };
}

export const TIME_FUNCTIONS: Readonly<Record<string, InstantFunction>> = {
  day_of_month: ofDate(({ day }) => day),
  day_of_week: ofDate(({ weekday }) => weekday),
  day_of_year: ofDate(({ dayOfYear }) => dayOfYear),
  days_in_month: ofDate(({ daysInMonth }) => daysInMonth),
  hour: ofDate(({ hour }) => hour),
  minute: ofDate(({ minute }) => minute),
  month: ofDate(({ month }) => month),
  start_timestamp: startTimestamp,
  time,
  timestamp,
  year: ofDate(({ year }) => year),
};
