import type { AggregationInput } from './aggregation.ts';
import { informIgnored } from './aggregation.ts';
import { ABSENT, FLOAT, HISTOGRAM, type MutableColumn } from './column.ts';

/** The state of all groups over all steps, as columns of numbers; `at` below is group * steps + step. */
interface State {
  readonly value: Float64Array;
  readonly second: Float64Array;
  readonly count: Float64Array;
}

/** One aggregation of floats: how a value starts, changes and leaves a group's state. */
export interface FloatAggregation {
  readonly first: (state: State, at: number, value: number) => void;
  readonly next: (state: State, at: number, value: number) => void;
  readonly result: (state: State, at: number) => number;
  /** Histograms count as any value; otherwise they are left out, and that is told. */
  readonly takesHistograms: boolean;
}

const keep = ({ value }: State, at: number): number => value[at] ?? 0;

function compensate(state: State, at: number, sum: number, value: number, total: number): void {
  const { second } = state;
  if (total === Infinity || total === -Infinity) second[at] = 0;
  else if (Math.abs(sum) >= Math.abs(value)) second[at] = (second[at] ?? 0) + (sum - total + value);
  else second[at] = (second[at] ?? 0) + (value - total + sum);
}

const sum: FloatAggregation = {
  first: ({ value }, at, each) => {
    value[at] = each;
  },
  next: (state, at, each) => {
    const before = state.value[at] ?? 0;
    const total = before + each;
    compensate(state, at, before, each, total);
    state.value[at] = total;
  },
  result: ({ value, second }, at) => (value[at] ?? 0) + (second[at] ?? 0),
  takesHistograms: true,
};

/** A negative count marks a mean that is carried on because the sum would leave the range of doubles. */
const avg: FloatAggregation = {
  first: ({ value, count }, at, each) => {
    value[at] = each;
    count[at] = 1;
  },
  next: (state, at, each) => {
    const { value, second, count } = state;
    const known = count[at] ?? 0;
    const before = value[at] ?? 0;
    if (known > 0) {
      const total = before + each;
      if (total !== Infinity && total !== -Infinity) {
        compensate(state, at, before, each, total);
        value[at] = total;
        count[at] = known + 1;
        return;
      }
      value[at] = before / known;
      second[at] = (second[at] ?? 0) / known;
    }
    const members = Math.abs(known) + 1;
    const weight = (members - 1) / members;
    const mean = weight * (value[at] ?? 0);
    second[at] = weight * (second[at] ?? 0);
    const total = mean + each / members;
    compensate(state, at, mean, each / members, total);
    value[at] = total;
    count[at] = -members;
  },
  result: ({ value, second, count }, at) => {
    const members = count[at] ?? 1;
    const total = value[at] ?? 0;
    const rest = second[at] ?? 0;
    return members < 0 ? total + rest : total / members + rest / members;
  },
  takesHistograms: true,
};

const count: FloatAggregation = {
  first: ({ value }, at) => {
    value[at] = 1;
  },
  next: ({ value }, at) => {
    value[at] = (value[at] ?? 0) + 1;
  },
  result: keep,
  takesHistograms: true,
};

const group: FloatAggregation = {
  first: ({ value }, at) => {
    value[at] = 1;
  },
  next: () => undefined,
  result: keep,
  takesHistograms: true,
};

const max: FloatAggregation = {
  first: sum.first,
  next: ({ value }, at, each) => {
    const reigning = value[at] ?? 0;
    if (each > reigning || reigning !== reigning) value[at] = each;
  },
  result: keep,
  takesHistograms: false,
};

const min: FloatAggregation = {
  first: sum.first,
  next: ({ value }, at, each) => {
    const reigning = value[at] ?? 0;
    if (each < reigning || reigning !== reigning) value[at] = each;
  },
  result: keep,
  takesHistograms: false,
};

/** Welford's running variance: `second` holds the mean, `value` the sum of squared differences from it. */
const stdvar: FloatAggregation = {
  first: ({ value, second, count: members }, at, each) => {
    value[at] = Number.isFinite(each) ? 0 : Number.NaN;
    second[at] = each;
    members[at] = 1;
  },
  next: ({ value, second, count: members }, at, each) => {
    const n = (members[at] ?? 0) + 1;
    const delta = each - (second[at] ?? 0);
    const mean = (second[at] ?? 0) + delta / n;
    value[at] = (value[at] ?? 0) + delta * (each - mean);
    second[at] = mean;
    members[at] = n;
  },
  result: ({ value, count: members }, at) => (value[at] ?? 0) / (members[at] ?? 1),
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
  const state = {
    value: new Float64Array(size),
    second: new Float64Array(size),
    count: new Float64Array(size),
  };
  const seen = new Uint8Array(size);
  for (const [index, { values, presence }] of columns.entries()) {
    const offset = (grouping.groupOf[index] ?? 0) * grid.count;
    for (let step = 0; step < grid.count; step++) {
      const kind = presence[step];
      if (kind === ABSENT) continue;
      if (kind === HISTOGRAM && !aggregation.takesHistograms) {
        informIgnored(input);
        continue;
      }
      const at = offset + step;
      const value = values[step] ?? 0;
      if (seen[at] === 0) {
        seen[at] = 1;
        aggregation.first(state, at, value);
      } else aggregation.next(state, at, value);
    }
  }
  for (const [index, column] of out.entries()) {
    for (let step = 0; step < grid.count; step++) {
      const at = index * grid.count + step;
      if (seen[at] === 0) continue;
      column.values[step] = aggregation.result(state, at);
      column.presence[step] = FLOAT;
    }
  }
}
