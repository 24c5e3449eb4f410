import { type AggregationInput, informIgnored } from './aggregation-input.ts';
import { type Column, FLOAT, HISTOGRAM, type MutableColumn } from './column.ts';

/**
 * The state of all groups over all steps. A group's step is at `group * steps + step`; `members` counts what has been
 * added there, 0 for nothing yet.
 */
interface State {
  readonly value: Float64Array;
  readonly second: Float64Array;
  readonly members: Float64Array;
}

/** Adds a series' steps to its group's state, which begins at `offset`. */
type AddColumn = (state: State, offset: number, values: Float64Array, presence: Uint8Array) => void;

/** One aggregation of floats. */
export interface FloatAggregation {
  readonly add: AddColumn;
  readonly result: (state: State, at: number) => number;
  /** Histograms count as any value; otherwise they are left out, and that is told. */
  readonly takesHistograms: boolean;
}

const valueAt = ({ value }: State, at: number): number => value[at] ?? 0;

/** Neumaier's compensated sum; `second` is what rounding has lost. */
const addSum: AddColumn = ({ value, second, members }, offset, values, presence) => {
  for (let step = 0; step < values.length; step++) {
    if (presence[step] === 0) continue;
    const at = offset + step;
    const each = values[step] ?? 0;
    if (members[at] === 0) {
      members[at] = 1;
      value[at] = each;
      continue;
    }
    const before = value[at] ?? 0;
    const total = before + each;
    if (total === Infinity || total === -Infinity) second[at] = 0;
    else if (Math.abs(before) >= Math.abs(each)) second[at] = (second[at] ?? 0) + (before - total + each);
    else second[at] = (second[at] ?? 0) + (each - total + before);
    value[at] = total;
    members[at] = (members[at] ?? 0) + 1;
  }
};

const sum: FloatAggregation = {
  add: addSum,
  result: ({ value, second }, at) => (value[at] ?? 0) + (second[at] ?? 0),
  takesHistograms: true,
};

/** The sum so far, or, with negative `members`, the mean, carried on because the sum would leave the doubles' range. */
const addAverage: AddColumn = (state, offset, values, presence) => {
  const { value, second, members } = state;
  for (let step = 0; step < values.length; step++) {
    if (presence[step] === 0) continue;
    const at = offset + step;
    const each = values[step] ?? 0;
    const known = members[at] ?? 0;
    const before = value[at] ?? 0;
    const total = before + each;
    if (known < 0 || (known > 0 && (total === Infinity || total === -Infinity))) {
      continueMean(state, at, each);
      continue;
    }
    if (known === 0) value[at] = each;
    else {
      if (Math.abs(before) >= Math.abs(each)) second[at] = (second[at] ?? 0) + (before - total + each);
      else second[at] = (second[at] ?? 0) + (each - total + before);
      value[at] = total;
    }
    members[at] = known + 1;
  }
};

function continueMean({ value, second, members }: State, at: number, each: number): void {
  const known = members[at] ?? 0;
  const before = Math.abs(known);
  if (known > 0) {
    value[at] = (value[at] ?? 0) / before;
    second[at] = (second[at] ?? 0) / before;
  }
  const share = each / (before + 1);
  const weight = before / (before + 1);
  const mean = weight * (value[at] ?? 0);
  const total = mean + share;
  const rest = weight * (second[at] ?? 0);
  if (total === Infinity || total === -Infinity) second[at] = 0;
  else second[at] = rest + (Math.abs(mean) >= Math.abs(share) ? mean - total + share : share - total + mean);
  value[at] = total;
  members[at] = -(before + 1);
}

const avg: FloatAggregation = {
  add: addAverage,
  result: ({ value, second, members }, at) => {
    const count = members[at] ?? 1;
    const total = value[at] ?? 0;
    const rest = second[at] ?? 0;
    return count < 0 ? total + rest : total / count + rest / count;
  },
  takesHistograms: true,
};

const addCount: AddColumn = ({ members }, offset, values, presence) => {
  for (let step = 0; step < values.length; step++) {
    if (presence[step] !== 0) members[offset + step] = (members[offset + step] ?? 0) + 1;
  }
};

const count: FloatAggregation = {
  add: addCount,
  result: ({ members }, at) => members[at] ?? 0,
  takesHistograms: true,
};

const group: FloatAggregation = { add: addCount, result: () => 1, takesHistograms: true };

const addMax: AddColumn = ({ value, members }, offset, values, presence) => {
  for (let step = 0; step < values.length; step++) {
    if (presence[step] !== FLOAT) continue;
    const at = offset + step;
    const each = values[step] ?? 0;
    const reigning = value[at] ?? 0;
    // A NaN gives way to anything.
    if (members[at] === 0 || each > reigning || reigning !== reigning) value[at] = each;
    members[at] = 1;
  }
};

const addMin: AddColumn = ({ value, members }, offset, values, presence) => {
  for (let step = 0; step < values.length; step++) {
    if (presence[step] !== FLOAT) continue;
    const at = offset + step;
    const each = values[step] ?? 0;
    const reigning = value[at] ?? 0;
    if (members[at] === 0 || each < reigning || reigning !== reigning) value[at] = each;
    members[at] = 1;
  }
};

const max: FloatAggregation = { add: addMax, result: valueAt, takesHistograms: false };
const min: FloatAggregation = { add: addMin, result: valueAt, takesHistograms: false };

/** Welford's running variance: `second` holds the mean, `value` the sum of squared differences from it. */
const addVariance: AddColumn = ({ value, second, members }, offset, values, presence) => {
  for (let step = 0; step < values.length; step++) {
    if (presence[step] !== FLOAT) continue;
    const at = offset + step;
    const each = values[step] ?? 0;
    const n = (members[at] ?? 0) + 1;
    members[at] = n;
    if (n === 1) {
      value[at] = Number.isFinite(each) ? 0 : Number.NaN;
      second[at] = each;
      continue;
    }
    const delta = each - (second[at] ?? 0);
    const mean = (second[at] ?? 0) + delta / n;
    value[at] = (value[at] ?? 0) + delta * (each - mean);
    second[at] = mean;
  }
};

const stdvar: FloatAggregation = {
  add: addVariance,
  result: ({ value, members }, at) => (value[at] ?? 0) / (members[at] ?? 1),
  takesHistograms: false,
};

const stddev: FloatAggregation = { ...stdvar, result: (state, at) => Math.sqrt(stdvar.result(state, at)) };

export const FLOAT_AGGREGATIONS: ReadonlyMap<string, FloatAggregation> = new Map(
  Object.entries({ sum, avg, count, group, max, min, stdvar, stddev }),
);

/** Runs an aggregation over all series: series by series, each step of which goes to its group's state. */
export function aggregateFloats(
  input: AggregationInput,
  out: readonly MutableColumn[],
  aggregation: FloatAggregation,
): void {
  const { grid, columns, grouping } = input;
  const size = out.length * grid.count;
  const { memory } = input.evaluator.context;
  const zeros = (): Float64Array => memory.take(size).fill(0, 0, size);
  const state = { value: zeros(), second: zeros(), members: zeros() };
  for (let index = 0; index < columns.length; index++) {
    const column = columns[index];
    if (!column) continue;
    if (!aggregation.takesHistograms && ignoresHistograms(column)) informIgnored(input);
    aggregation.add(state, (grouping.groupOf[index] ?? 0) * grid.count, column.values, column.presence);
  }
  for (const [index, column] of out.entries()) {
    for (let step = 0; step < grid.count; step++) {
      const at = index * grid.count + step;
      if (state.members[at] === 0) continue;
      column.values[step] = aggregation.result(state, at);
      column.presence[step] = FLOAT;
    }
  }
}

function ignoresHistograms({ histograms, presence }: Column): boolean {
  return histograms !== undefined && presence.includes(HISTOGRAM);
}
