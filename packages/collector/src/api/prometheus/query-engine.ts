import type { Expression, Matcher, QueryResult } from '@plimsoll/promql';

export interface QueryRequest {
  /** As it was written: remarks show places in it. */
  readonly text: string;
  /** The text parsed, where the caller has parsed it already. */
  readonly expression?: Expression;
  readonly startMs: number;
  /** Equal to `startMs`, with `stepMs` 0, for an instant query. */
  readonly endMs: number;
  readonly stepMs: number;
  /** Null: the engine's own. */
  readonly lookbackMs: number | null;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What the API needs of the query language. All members throw PromqlError; a parse error's message is Prometheus'. */
export interface QueryEngine {
  parse(text: string): Expression;
  query(request: QueryRequest): Promise<QueryResult>;
  parseSelector(selector: string): readonly Matcher[];
}
