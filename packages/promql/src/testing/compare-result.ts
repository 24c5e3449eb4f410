import type { FloatHistogram } from '../histogram/float-histogram.ts';
import { Labels } from '../labels.ts';
import type { InstantVector, Matrix, MatrixSeries, QueryValue } from '../result.ts';
import type { SequenceValue } from '../syntax/series-description.ts';
import { almostEqual } from './almost-equal.ts';
import type { EvalCommand, ExpectedSeries } from './parse-test-file.ts';

/** What is wrong with a result, or undefined. */
export function compareResult(value: QueryValue, command: EvalCommand): string | undefined {
  switch (value.type) {
    case 'string':
      return value.value === (command.expectedString ?? '')
        ? undefined
        : `expected string ${JSON.stringify(command.expectedString)} but got ${JSON.stringify(value.value)}`;
    case 'scalar':
      return compareScalar(value.value, command.expected);
    case 'vector':
      return compareVector(value, command);
    case 'matrix':
    default:
      return compareMatrix(value, command);
  }
}

function compareScalar(value: number, [expected]: readonly ExpectedSeries[]): string | undefined {
  const [first] = expected?.values ?? [];
  if (expected?.labels || first?.kind !== 'float')
    return `expected a vector or matrix but got scalar ${value}`;
  return almostEqual(first.value, value) ? undefined : `expected scalar ${first.value} but got ${value}`;
}

/** Expected series by the key of their labels; of equal ones the last counts. */
function expectedByKey(command: EvalCommand): Map<string, { series: ExpectedSeries; at: number }> | string {
  const byKey = new Map<string, { series: ExpectedSeries; at: number }>();
  for (const [at, series] of command.expected.entries()) {
    if (!series.labels) return 'expected a scalar';
    byKey.set(series.labels.key, { series, at });
  }
  return byKey;
}

export function compareVector(vector: InstantVector, command: EvalCommand): string | undefined {
  const expected = expectedByKey(command);
  if (typeof expected === 'string') return `${expected} but got a vector`;
  for (const [at, labels] of vector.labels.entries()) {
    const entry = expected.get(labels.key);
    const histogram = vector.histograms?.[at];
    const actual = histogram ?? vector.values[at] ?? 0;
    if (!entry) return `unexpected series ${labels.toString()} with value ${String(actual)}`;
    if (command.ordered && entry.at !== at)
      return `expected ${labels.toString()} at ${entry.at} but it is at ${at}`;
    const [value] = entry.series.values;
    const problem = compareSample(value, actual);
    if (problem !== undefined) return `${labels.toString()}: ${problem}`;
    expected.delete(labels.key);
  }
  const [missing] = expected.values();
  return missing && `expected series ${missing.series.labels?.toString() ?? ''} not found`;
}

function compareSample(
  expected: SequenceValue | undefined,
  actual: number | FloatHistogram,
): string | undefined {
  if (expected?.kind === 'float') {
    if (typeof actual !== 'number')
      return `expected ${expected.value} but got histogram ${actual.toString()}`;
    return almostEqual(expected.value, actual) ? undefined : `expected ${expected.value} but got ${actual}`;
  }
  if (expected?.kind !== 'histogram') return `expected no value but got ${String(actual)}`;
  if (typeof actual === 'number')
    return `expected histogram ${expected.histogram.toString()} but got ${actual}`;
  if (sameHistogram(expected.histogram.compact(), actual.compact(), expected.hintSet)) return undefined;
  return `expected ${describe(expected.histogram)} but got ${describe(actual)}`;
}

function describe(histogram: FloatHistogram): string {
  const { schema, customValues, counterResetHint } = histogram;
  return `${histogram.toString()} schema:${schema} custom:[${customValues.join(' ')}] hint:${counterResetHint}`;
}

function sameHistogram(expected: FloatHistogram, actual: FloatHistogram, compareHint: boolean): boolean {
  return (
    expected.schema === actual.schema &&
    areNear(
      [expected.count, expected.sum, expected.zeroCount],
      [actual.count, actual.sum, actual.zeroCount],
    ) &&
    expected.zeroThreshold === actual.zeroThreshold &&
    (!expected.usesCustomBuckets || areSame(expected.customValues, actual.customValues)) &&
    areSame(expected.positive.indexes, actual.positive.indexes) &&
    areNear(expected.positive.counts, actual.positive.counts) &&
    areSame(expected.negative.indexes, actual.negative.indexes) &&
    areNear(expected.negative.counts, actual.negative.counts) &&
    (!compareHint || expected.counterResetHint === actual.counterResetHint)
  );
}

function compareMatrix(matrix: Matrix, command: EvalCommand): string | undefined {
  const range = command.range ?? command.expectedRange;
  if (command.ordered || !range) return 'expected an instant vector but got a matrix';
  const expected = expectedByKey(command);
  if (typeof expected === 'string') return `${expected} but got a matrix`;
  for (const [at, series] of matrix.series.entries()) {
    const before = matrix.series[at - 1];
    if (before && Labels.compare(before.labels, series.labels) >= 0)
      return 'the matrix is not sorted by labels';
    const entry = expected.get(series.labels.key);
    if (!entry) return `unexpected series ${series.labels.toString()} with ${formatSeries(series)}`;
    const problem = compareSeries(series, entry.series.values, range);
    if (problem !== undefined) return `${series.labels.toString()}: ${problem} in ${formatSeries(series)}`;
    expected.delete(series.labels.key);
  }
  const [missing] = expected.values();
  return missing && `expected series ${missing.series.labels?.toString() ?? ''} not found`;
}

function compareSeries(
  series: MatrixSeries,
  values: readonly SequenceValue[],
  range: { readonly startMs: number; readonly endMs: number; readonly stepMs: number },
): string | undefined {
  let at = 0;
  for (const [index, value] of values.entries()) {
    const timeMs = range.startMs + index * range.stepMs;
    if (timeMs > range.endMs) return `more values expected than the query has steps`;
    if (value.kind === 'omitted') continue;
    if (series.timestamps[at] !== timeMs)
      return `expected a value at ${timeMs} but the next is at ${series.timestamps[at]}`;
    const problem = compareSample(value, series.histograms?.[at] ?? series.values[at] ?? 0);
    if (problem !== undefined) return `at ${timeMs}: ${problem}`;
    at++;
  }
  return at === series.timestamps.length
    ? undefined
    : `expected ${at} values but got ${series.timestamps.length}`;
}

function formatSeries({ timestamps, values, histograms }: MatrixSeries): string {
  return Array.from(timestamps, (time, at) => `${histograms?.[at]?.toString() ?? values[at]}@${time}`).join(
    ' ',
  );
}

function areNear(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  return a.length === b.length && Array.from(a).every((value, at) => almostEqual(value, b[at] ?? Number.NaN));
}

function areSame(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  return a.length === b.length && Array.from(a).every((value, at) => value === b[at]);
}
