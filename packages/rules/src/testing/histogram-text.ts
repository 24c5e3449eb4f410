import { type Buckets, type FloatHistogram, formatGoGeneral, type SequenceValue } from '@plimsoll/promql';

/** A native histogram in the notation of test files; what has its default is left out. */
export function formatHistogram(histogram: FloatHistogram): string {
  const { schema, count, sum, zeroCount, zeroThreshold, customValues, counterResetHint, positive, negative } =
    histogram.compact();
  const parts: string[] = [];
  const number = (name: string, value: number): void => {
    if (value !== 0) parts.push(`${name}:${formatGoGeneral(value)}`);
  };
  number('schema', schema);
  number('count', count);
  number('sum', sum);
  number('z_bucket', zeroCount);
  number('z_bucket_w', zeroThreshold);
  if (histogram.usesCustomBuckets)
    parts.push(`custom_values:[${customValues.map(formatGoGeneral).join(' ')}]`);
  if (counterResetHint !== 'unknown') parts.push(`counter_reset_hint:${counterResetHint}`);
  parts.push(...formatBuckets(positive, ''), ...formatBuckets(negative, 'n_'));
  return `{{${parts.join(' ')}}}`;
}

function formatBuckets({ indexes, counts }: Buckets, prefix: string): string[] {
  const first = indexes[0];
  const last = indexes.at(-1);
  if (first === undefined || last === undefined) return [];
  const byIndex = new Map(indexes.map((index, i) => [index, counts[i] ?? 0] as const));
  const all = Array.from({ length: last - first + 1 }, (_element, i) =>
    formatGoGeneral(byIndex.get(first + i) ?? 0),
  );
  const buckets = `${prefix}buckets:[${all.join(' ')}]`;
  return first === 0 ? [buckets] : [`${prefix}offset:${first}`, buckets];
}

/**
 * What a storage learns of counter resets while it takes histograms in: a counter's first is of unknown origin, the
 * others are a reset or none. Hints that were written stay.
 */
export function withCounterResetHints(values: readonly SequenceValue[]): readonly SequenceValue[] {
  let before: FloatHistogram | undefined;
  return values.map((value) => {
    if (value.kind === 'omitted') return value;
    const previous = before;
    before = value.kind === 'histogram' ? value.histogram : undefined;
    if (value.kind !== 'histogram' || value.hintSet || previous === undefined) return value;
    const hint = isReset(previous, value.histogram) ? 'reset' : 'not_reset';
    return { kind: 'histogram', histogram: value.histogram.withHint(hint), hintSet: value.hintSet };
  });
}

function isReset(before: FloatHistogram, after: FloatHistogram): boolean {
  if (before.schema !== after.schema || after.count < before.count || after.zeroCount < before.zeroCount)
    return true;
  return shrank(before.positive, after.positive) || shrank(before.negative, after.negative);
}

function shrank(before: Buckets, after: Buckets): boolean {
  return before.indexes.some((index, i) => {
    const at = after.indexes.indexOf(index);
    return (at === -1 ? 0 : (after.counts[at] ?? 0)) < (before.counts[i] ?? 0);
  });
}
