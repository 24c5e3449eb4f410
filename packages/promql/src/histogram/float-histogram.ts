import { formatGoGeneral } from '../text/go-number.ts';
import { CUSTOM_SCHEMA, customBound, exponentialBound } from './bucket-bounds.ts';

/** What is known about a counter reset between a histogram and its predecessor. */
export type CounterResetHint = 'unknown' | 'reset' | 'not_reset' | 'gauge';

/** The buckets of one side, by ascending index; a bucket that is listed may still be empty. */
export interface Buckets {
  readonly indexes: readonly number[];
  readonly counts: Float64Array;
}

export const NO_BUCKETS: Buckets = { indexes: [], counts: new Float64Array(0) };

/** One bucket with its bounds. */
export interface Bucket {
  readonly lower: number;
  readonly upper: number;
  readonly lowerInclusive: boolean;
  readonly upperInclusive: boolean;
  readonly count: number;
  readonly index: number;
}

export interface FloatHistogramFields {
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly count: number;
  readonly sum: number;
  readonly positive: Buckets;
  readonly negative: Buckets;
  /** The upper bounds of custom buckets, ascending, without the open last one. */
  readonly customValues: readonly number[];
  readonly counterResetHint: CounterResetHint;
}

/** A native histogram with fractional counts. Immutable: operations give new ones. */
export class FloatHistogram implements FloatHistogramFields {
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly count: number;
  readonly sum: number;
  readonly positive: Buckets;
  readonly negative: Buckets;
  readonly customValues: readonly number[];
  readonly counterResetHint: CounterResetHint;

  constructor(fields: Partial<FloatHistogramFields>) {
    this.schema = fields.schema ?? 0;
    this.zeroThreshold = fields.zeroThreshold ?? 0;
    this.zeroCount = fields.zeroCount ?? 0;
    this.count = fields.count ?? 0;
    this.sum = fields.sum ?? 0;
    this.positive = fields.positive ?? NO_BUCKETS;
    this.negative = fields.negative ?? NO_BUCKETS;
    this.customValues = fields.customValues ?? [];
    this.counterResetHint = fields.counterResetHint ?? 'unknown';
  }

  get usesCustomBuckets(): boolean {
    return this.schema === CUSTOM_SCHEMA;
  }

  with(changes: Partial<FloatHistogramFields>): FloatHistogram {
    const {
      schema,
      zeroThreshold,
      zeroCount,
      count,
      sum,
      positive,
      negative,
      customValues,
      counterResetHint,
    } = this;
    const fields = {
      schema,
      zeroThreshold,
      zeroCount,
      count,
      sum,
      positive,
      negative,
      customValues,
      counterResetHint,
    };
    return new FloatHistogram({ ...fields, ...changes });
  }

  withHint(counterResetHint: CounterResetHint): FloatHistogram {
    return counterResetHint === this.counterResetHint ? this : this.with({ counterResetHint });
  }

  /** All counts and the sum times a factor; a negative one makes the result a gauge. */
  multiply(factor: number): FloatHistogram {
    return this.#map((value) => value * factor, factor < 0);
  }

  /** As `multiply`, dividing; zero leaves no buckets. */
  divide(divisor: number): FloatHistogram {
    const divided = this.#map((value) => value / divisor, divisor < 0);
    return divisor === 0 ? divided.with({ positive: NO_BUCKETS, negative: NO_BUCKETS }) : divided;
  }

  #map(change: (value: number) => number, gauge: boolean): FloatHistogram {
    const side = ({ indexes, counts }: Buckets): Buckets => ({ indexes, counts: counts.map(change) });
    return this.with({
      zeroCount: change(this.zeroCount),
      count: change(this.count),
      sum: change(this.sum),
      positive: side(this.positive),
      negative: side(this.negative),
      counterResetHint: gauge ? 'gauge' : this.counterResetHint,
    });
  }

  /** Without empty buckets. */
  compact(): FloatHistogram {
    const positive = compactSide(this.positive);
    const negative = compactSide(this.negative);
    return positive === this.positive && negative === this.negative
      ? this
      : this.with({ positive, negative });
  }

  /** Whether layout and all numbers are the same, bit for bit; the hint is not compared. */
  equals(other: FloatHistogram): boolean {
    const numbers = (histogram: FloatHistogram) => [
      histogram.schema,
      histogram.count,
      histogram.sum,
      histogram.zeroThreshold,
      histogram.zeroCount,
      ...(histogram.usesCustomBuckets ? histogram.customValues : []),
    ];
    return (
      sameNumbers(numbers(this), numbers(other)) &&
      sameNumbers(this.positive.indexes, other.positive.indexes) &&
      sameNumbers(this.positive.counts, other.positive.counts) &&
      sameNumbers(this.negative.indexes, other.negative.indexes) &&
      sameNumbers(this.negative.counts, other.negative.counts)
    );
  }

  /** Whether any number has left the range of doubles. */
  get hasOverflow(): boolean {
    return (
      [this.zeroCount, this.count, this.sum, ...this.customValues].some(isInfinite) ||
      this.positive.counts.some(isInfinite) ||
      this.negative.counts.some(isInfinite)
    );
  }

  /** Roughly how many float samples it takes the room of, for sample limits. */
  get sampleSize(): number {
    const { positive, negative, customValues } = this;
    const numbers = positive.counts.length + negative.counts.length + customValues.length;
    return Math.floor((168 + 8 + numbers * 8 + (positive.counts.length > 0 ? 8 : 0)) / 16);
  }

  /** Positive buckets, upwards. */
  *positiveBuckets(): Generator<Bucket> {
    const { indexes, counts } = this.positive;
    for (const [at, index] of indexes.entries()) yield this.#bucket(index, counts[at] ?? 0);
  }

  /** Negative buckets, downwards from zero. */
  *negativeBuckets(): Generator<Bucket> {
    const { indexes, counts } = this.negative;
    for (const [at, index] of indexes.entries()) yield mirror(this.#bucket(index, counts[at] ?? 0));
  }

  get zeroBucket(): Bucket {
    const { zeroThreshold, zeroCount } = this;
    const bounds = { lower: -zeroThreshold, upper: zeroThreshold };
    return { ...bounds, lowerInclusive: true, upperInclusive: true, count: zeroCount, index: 0 };
  }

  /** All buckets upwards; those next to the zero bucket are cut at its threshold. */
  *allBuckets(): Generator<Bucket> {
    for (const bucket of [...this.negativeBuckets()].toReversed()) {
      const cut = bucket.upper < 0 && bucket.upper > -this.zeroThreshold;
      yield cut ? { ...bucket, upper: -this.zeroThreshold } : bucket;
    }
    if (this.zeroCount > 0) yield this.zeroBucket;
    for (const bucket of this.positiveBuckets()) {
      const cut = bucket.lower > 0 && bucket.lower < this.zeroThreshold;
      yield cut ? { ...bucket, lower: this.zeroThreshold } : bucket;
    }
  }

  #bucket(index: number, count: number): Bucket {
    const custom = this.usesCustomBuckets;
    const bound = (at: number) =>
      custom ? customBound(at, this.customValues) : exponentialBound(at, this.schema);
    const lower = bound(index - 1);
    const upper = bound(index);
    return { lower, upper, lowerInclusive: custom && index === 0, upperInclusive: true, count, index };
  }

  /** As Prometheus prints it: `{count:3, sum:4, (0.5,1]:3}`. */
  toString(): string {
    const parts = [`count:${formatGoGeneral(this.count)}`, `sum:${formatGoGeneral(this.sum)}`];
    const shown = [
      ...[...this.negativeBuckets()].toReversed(),
      ...(this.usesCustomBuckets ? [] : [this.zeroBucket]),
      ...this.positiveBuckets(),
    ];
    for (const bucket of shown) if (bucket.count !== 0) parts.push(formatBucket(bucket));
    return `{${parts.join(', ')}}`;
  }
}

function isInfinite(value: number): boolean {
  return value === Infinity || value === -Infinity;
}

function mirror(bucket: Bucket): Bucket {
  const { lower, upper, lowerInclusive, upperInclusive } = bucket;
  return {
    ...bucket,
    lower: -upper,
    upper: -lower,
    lowerInclusive: upperInclusive,
    upperInclusive: lowerInclusive,
  };
}

function formatBucket({ lower, upper, lowerInclusive, upperInclusive, count }: Bucket): string {
  const range = `${formatGoGeneral(lower)},${formatGoGeneral(upper)}`;
  return `${lowerInclusive ? '[' : '('}${range}${upperInclusive ? ']' : ')'}:${formatGoGeneral(count)}`;
}

function compactSide(side: Buckets): Buckets {
  if (!side.counts.includes(0)) return side;
  const kept = side.indexes.filter((_, at) => side.counts[at] !== 0);
  return { indexes: kept, counts: side.counts.filter((count) => count !== 0) };
}

function sameNumbers(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}
