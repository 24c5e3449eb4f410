import { ABSENT, type MutableColumn, setFloat } from '../evaluate/column.ts';
import type { RangeSeries } from '../evaluate/value.ts';
import { executionError, type PromqlError } from '../errors.ts';
import { type RangeCall, type RangeFunction, warnMixed } from '../functions/range-function.ts';
import type { RollupColumns } from './rollup-columns.ts';
import { ROLLUP_FUNCTIONS } from './rollup-functions.ts';
import { formatTime } from './format-time.ts';

/** Computes a range function of a series: of its samples, and where windows begin with buckets, of those. */
export function overSeries(
  name: string,
  compute: RangeFunction,
  series: RangeSeries,
  call: RangeCall,
  out: MutableColumn,
): void {
  // Windows without buckets are as ever; what this gives for the others is written over.
  compute(series, call, out);
  const { floats, histograms, rollup } = series;
  if (!rollup) return;
  const buckets = call.windows.find(rollup.ends);
  const raw = call.windows.find(floats.times);
  const mixed = histograms && call.windows.find(histograms.times);
  const answer = ROLLUP_FUNCTIONS.get(name);
  for (let step = 0; step < call.grid.count; step++) {
    const from = buckets.from[step] ?? 0;
    const to = buckets.to[step] ?? 0;
    if (from === to) continue;
    if (!answer || call.extended) throw cannotAnswer(call.extended ?? name, rollup);
    out.presence[step] = ABSENT;
    if (mixed && mixed.from[step] !== mixed.to[step]) {
      warnMixed(series, call);
      continue;
    }
    const [rawFrom = 0, rawTo = 0] = [raw.from[step], raw.to[step]];
    const value = answer({ rollup, from, to, floats, rawFrom, rawTo, step, call });
    if (value !== undefined) setFloat(out, step, value);
  }
}

/** The error for what would need the samples themselves. */
export function cannotAnswer(what: string, { untilMs }: RollupColumns): PromqlError {
  const functions = [...ROLLUP_FUNCTIONS.keys()].join(', ');
  return executionError(
    `${what} needs samples, and from before ${formatTime(untilMs)} only rollups are kept: ask for later times, ` +
      `or use one of ${functions}`,
  );
}
