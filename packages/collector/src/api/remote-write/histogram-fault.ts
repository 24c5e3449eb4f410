/** A histogram as a message has it, counts in place of deltas. */
export interface RawHistogram {
  readonly isFloat: boolean;
  readonly schema: number;
  readonly count: number;
  readonly sum: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly positive: RawBuckets;
  readonly negative: RawBuckets;
  readonly customValues: readonly number[];
}

interface RawBuckets {
  readonly spans: readonly { readonly offset: number; readonly length: number }[];
  readonly counts: readonly number[];
}

const MIN_SCHEMA = -4;
export const MAX_SCHEMA = 8;
const CUSTOM_SCHEMA = -53;
const MAX_INDEX = 2 ** 31 - 1;

const NEGATIVE_OFFSET = 'histogram has a span whose offset is negative';
const OUT_OF_RANGE = 'histogram has a span whose bucket index is out of range';
const MISMATCH = 'histogram spans specify different number of buckets than provided';
const NEGATIVE_BUCKET = 'histogram has a bucket whose observation count is negative';
const TOO_FEW_OBSERVATIONS =
  "histogram's observation count should be at least the number of observations found in the buckets";
const OTHER_OBSERVATIONS =
  "histogram's observation count should equal the number of observations found in the buckets (in absence of NaN)";

export function isExponential(schema: number): boolean {
  return schema !== CUSTOM_SCHEMA;
}

/** Why a histogram cannot be, in Prometheus' words and in the order it looks; undefined when it can. */
export function histogramFault(raw: RawHistogram): string | undefined {
  return raw.schema === CUSTOM_SCHEMA ? customFault(raw) : exponentialFault(raw);
}

function customFault(raw: RawHistogram): string | undefined {
  const bounds = boundsFault(raw.customValues, raw.positive);
  if (bounds !== undefined) return `custom buckets: ${bounds}`;
  if (raw.zeroCount !== 0) return 'custom buckets: must have zero count of 0';
  if (raw.zeroThreshold !== 0) return 'custom buckets: must have zero threshold of 0';
  if (raw.negative.spans.length > 0) return 'custom buckets: must not have negative spans';
  if (raw.negative.counts.length > 0) return 'custom buckets: must not have negative buckets';
  return countsFault(raw);
}

function exponentialFault(raw: RawHistogram): string | undefined {
  const { schema, positive, negative } = raw;
  if (schema < MIN_SCHEMA || schema > MAX_SCHEMA) {
    return `histogram has an invalid schema, which must be between ${MIN_SCHEMA} and ${MAX_SCHEMA} for exponential buckets, or ${CUSTOM_SCHEMA} for custom buckets, got schema ${schema}`;
  }
  const spans =
    prefixed('positive', spansFault(positive)) ??
    prefixed('negative', spansFault(negative)) ??
    prefixed('negative', bucketsFault(negative.counts));
  if (spans !== undefined) return spans;
  if (raw.zeroCount < 0) {
    return `zero bucket has observation count of ${raw.zeroCount}: ${NEGATIVE_BUCKET}`;
  }
  if (raw.customValues.length > 0) return 'histogram with exponential schema must not have custom bounds';
  return countsFault(raw);
}

function countsFault({
  isFloat,
  count,
  sum,
  zeroCount,
  positive,
  negative,
}: RawHistogram): string | undefined {
  if (count < 0) return `observation count is  ${count}: histogram's observation count is negative`;
  const buckets = prefixed('positive', bucketsFault(positive.counts));
  // Float counts need not add up: rounding is theirs.
  if (buckets !== undefined || isFloat) return buckets;
  const found = [...negative.counts, ...positive.counts].reduce((total, each) => total + each, zeroCount);
  const told = `${found} observations found in buckets, but the Count field is ${count}`;
  if (Number.isNaN(sum)) return found > count ? `${told}: ${TOO_FEW_OBSERVATIONS}` : undefined;
  return found === count ? undefined : `${told}: ${OTHER_OBSERVATIONS}`;
}

function prefixed(side: 'positive' | 'negative', fault: string | undefined): string | undefined {
  return fault === undefined ? undefined : `${side} side: ${fault}`;
}

function spansFault({ spans, counts }: RawBuckets): string | undefined {
  let needed = 0;
  let end = 0;
  for (const [i, { offset, length }] of spans.entries()) {
    if (i > 0 && offset < 0) return `span number ${i + 1} with offset ${offset}: ${NEGATIVE_OFFSET}`;
    if (offset < -MAX_INDEX) return `span number ${i + 1} starts at bucket index ${offset}: ${OUT_OF_RANGE}`;
    needed += length;
    end += offset + length;
    if (end - 1 > MAX_INDEX) return `span number ${i + 1} ends at bucket index ${end - 1}: ${OUT_OF_RANGE}`;
  }
  return mismatch(needed, counts.length);
}

function boundsFault(bounds: readonly number[], { spans, counts }: RawBuckets): string | undefined {
  let previous = -Infinity;
  for (const [i, bound] of bounds.entries()) {
    if (Number.isNaN(bound)) return 'histogram custom bounds must not be NaN';
    if (i > 0 && bound <= previous) {
      const told = `previous bound is ${previous.toFixed(6)} and current is ${bound.toFixed(6)}`;
      return `${told}: histogram custom bounds must be in strictly increasing order`;
    }
    previous = bound;
  }
  if (previous === Infinity) {
    return 'last +Inf bound must not be explicitly defined: histogram custom bounds must be finite';
  }
  let needed = 0;
  let total = 0;
  for (const [i, { offset, length }] of spans.entries()) {
    if (offset < 0) return `span number ${i + 1} with offset ${offset}: ${NEGATIVE_OFFSET}`;
    needed += length;
    total += length + offset;
  }
  const fault = mismatch(needed, counts.length);
  if (fault !== undefined || bounds.length + 1 >= total) return fault;
  return `only ${bounds.length} custom bounds defined which is insufficient to cover total span length of ${total}: histogram custom bounds are too few`;
}

function mismatch(needed: number, have: number): string | undefined {
  return needed === have ? undefined : `spans need ${needed} buckets, have ${have} buckets: ${MISMATCH}`;
}

function bucketsFault(counts: readonly number[]): string | undefined {
  const at = counts.findIndex((count) => count < 0);
  return at < 0
    ? undefined
    : `bucket number ${at + 1} has observation count of ${counts[at]}: ${NEGATIVE_BUCKET}`;
}
