import type { FloatHistogram } from './histogram/float-histogram.ts';
import type { Labels } from './labels.ts';

/** An instant vector as columns: one entry of each array a series, in the order of the result. */
export interface InstantVector {
  readonly type: 'vector';
  readonly timeMs: number;
  readonly labels: readonly Labels[];
  /** Meaningless where there is a histogram. */
  readonly values: Float64Array;
  readonly histograms?: readonly (FloatHistogram | undefined)[];
}

export interface ScalarResult {
  readonly type: 'scalar';
  readonly timeMs: number;
  readonly value: number;
}

export interface StringResult {
  readonly type: 'string';
  readonly timeMs: number;
  readonly value: string;
}

/** One series of a matrix. Timestamps are milliseconds, ascending. */
export interface MatrixSeries {
  readonly labels: Labels;
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  /** By sample; where one is set, the value at that index is meaningless. */
  readonly histograms?: readonly (FloatHistogram | undefined)[];
}

export interface Matrix {
  readonly type: 'matrix';
  /** Ordered by labels. */
  readonly series: readonly MatrixSeries[];
}

export type QueryValue = InstantVector | ScalarResult | StringResult | Matrix;

/** What a query cost. */
export interface QueryStats {
  /** Series read, summed over the selectors. */
  readonly series: number;
  /** Samples read from storage. */
  readonly samplesRead: number;
  /** The most samples held at a time. */
  readonly peakSamples: number;
}

/** A query's answer with remarks on it. */
export interface QueryResult<V extends QueryValue = QueryValue> {
  readonly value: V;
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  readonly stats: QueryStats;
}
