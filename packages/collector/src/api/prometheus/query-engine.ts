import type { Labels, Matcher, SeriesColumns } from '@plimsoll/promql';

/** A native histogram as Prometheus' API shows it. `rule` says which bounds are inclusive: 0 upper, 1 lower, 2 none, 3 both. */
export interface HistogramView {
  readonly count: number;
  readonly sum: number;
  readonly buckets: readonly {
    readonly rule: number;
    readonly lower: number;
    readonly upper: number;
    readonly count: number;
  }[];
}

export interface VectorSample {
  readonly labels: Labels;
  readonly value: number;
  readonly histogram?: HistogramView | undefined;
}

/** What an expression evaluates to. Times are milliseconds since the Unix epoch. */
export type QueryValue =
  | { readonly type: 'vector'; readonly timestampMs: number; readonly samples: readonly VectorSample[] }
  | { readonly type: 'matrix'; readonly series: readonly SeriesColumns<HistogramView>[] }
  | { readonly type: 'scalar'; readonly timestampMs: number; readonly value: number }
  | { readonly type: 'string'; readonly timestampMs: number; readonly value: string };

export interface QueryStatistics {
  readonly totalQueryableSamples: number;
  readonly peakSamples: number;
}

export interface QueryAnswer {
  readonly value: QueryValue;
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  readonly statistics: QueryStatistics;
}

export interface QueryRequest {
  readonly expression: string;
  readonly startMs: number;
  /** Equal to `startMs` with `stepMs` 0 for an instant query. */
  readonly endMs: number;
  readonly stepMs: number;
  readonly lookbackMs: number | null;
  readonly signal: AbortSignal;
}

/**
 * What the API needs of the query language. `parse` and the members after it throw an error whose message is
 * Prometheus' parse error; `query` throws a PrometheusError for everything else.
 */
export interface QueryEngine {
  /** Throws when the expression does not parse or type-check; called before `query` so that the two failures differ. */
  parse(expression: string): void;
  query(request: QueryRequest): Promise<QueryAnswer>;
  format(expression: string): string;
  /** The syntax tree as Prometheus' /parse_query shows it. */
  describe(expression: string): unknown;
  parseSelector(selector: string): readonly Matcher[];
}
