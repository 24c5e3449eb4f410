import type { FloatHistogram } from '../histogram/float-histogram.ts';
import type { Labels } from '../labels.ts';
import type { RollupColumns } from '../rollup/rollup-columns.ts';
import type { Column } from './column.ts';

/** Samples of one kind with their times, ascending. */
export interface FloatSamples {
  readonly times: Float64Array;
  readonly values: Float64Array;
  /** Start timestamps by sample, 0 = unknown; absent where the query does not use them. */
  readonly starts?: Float64Array;
}

export interface HistogramSamples {
  readonly times: Float64Array;
  readonly values: readonly FloatHistogram[];
  readonly starts?: Float64Array;
}

/** The input of a range function: one series without stale markers, floats and histograms apart. */
export interface RangeSeries {
  readonly labels: Labels;
  readonly dropName: boolean;
  readonly floats: FloatSamples;
  readonly histograms?: HistogramSamples;
  /** What is left of what was before the samples. */
  readonly rollup?: RollupColumns;
}

/** What a node evaluates to. */
export type Value =
  | { readonly type: 'vector'; readonly columns: readonly Column[] }
  | { readonly type: 'scalar'; readonly values: Float64Array }
  | { readonly type: 'string'; readonly text: string };
