import type { FloatHistogram } from './histogram/float-histogram.ts';
import type { Labels } from './labels.ts';
import type { RollupColumns } from './rollup/rollup-columns.ts';

/** How a label is compared in a selector. */
export type MatchType = '=' | '!=' | '=~' | '!~';

/** One label matcher. Regular expressions are RE2 syntax, anchored at both ends. */
export interface Matcher {
  readonly name: string;
  readonly type: MatchType;
  readonly value: string;
}

/**
 * One series' samples in a time range, as columns. Timestamps are milliseconds since the Unix epoch, strictly
 * ascending; `values` has the same length and may hold Prometheus' stale marker (see `isStaleMarker`). Several series
 * may share one `timestamps` array (those of one agent usually do), so that work on time can be done once.
 */
export interface SeriesColumns<H = FloatHistogram> {
  readonly labels: Labels;
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  /** Native histograms, by sample; where one is set, the float value at that index is meaningless. */
  readonly histograms?: readonly (H | undefined)[];
  /** Start timestamps in milliseconds by sample, 0 = unknown. */
  readonly startTimestamps?: Float64Array;
  /** What is left of earlier samples that are no longer kept; only where the request takes rollups. */
  readonly rollup?: RollupColumns;
}

/** `count` times, `stepMs` apart. */
export interface Instants {
  readonly firstMs: number;
  readonly stepMs: number;
  readonly count: number;
}

/** What a selector needs. Both ends are inclusive; hints let a store read less, never change the answer. */
export interface SelectRequest {
  readonly matchers: readonly Matcher[];
  readonly startMs: number;
  readonly endMs: number;
  /** The query's step, 0 for an instant query. */
  readonly stepMs?: number;
  /** Length of the range of a matrix selector, 0 for an instant selector. */
  readonly rangeMs?: number;
  /** Set where only each series' newest sample at or before these times is looked at: others need not be read. */
  readonly instants?: Instants;
  /** Where known, the ends of a matrix selector's windows: buckets of any size that all of them fit serve as well. */
  readonly windows?: Instants;
  /** Takes rollups of times whose samples are no longer kept. */
  readonly rollups?: boolean;
  /** The function directly around the selector, if any. */
  readonly function?: string;
}

/** Where the evaluator reads. Series come in any order, each label set at most once. */
export interface Queryable<H = FloatHistogram> {
  select(request: SelectRequest, signal?: AbortSignal): Promise<readonly SeriesColumns<H>[]>;
  /**
   * Tells that nobody will look at the values of an answer of `select` again, so that their memory can serve the next.
   * Told once at most of each answer, and not of all. Only for who makes each answer anew: a cache must not have it.
   */
  release?(series: readonly SeriesColumns<H>[]): void;
}
