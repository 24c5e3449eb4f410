import { type Engine, parseSelector, type Queryable } from '@plimsoll/promql';
import type { QueryEngine } from './query-engine.ts';

/** The query language over a store, as the API uses it. */
export function createQueryEngine(engine: Engine, queryable: Queryable): QueryEngine {
  return {
    parse: (text) => engine.parse(text),
    parseSelector,
    query({ text, expression, startMs, endMs, stepMs, lookbackMs, timeoutMs, signal }) {
      const input = {
        text,
        ...(expression === undefined ? {} : { expression }),
        queryable,
        signal,
        timeoutMs,
        ...(lookbackMs === null ? {} : { lookbackMs }),
      };
      return stepMs === 0
        ? engine.queryInstant({ ...input, timeMs: startMs })
        : engine.queryRange({ ...input, startMs, endMs, stepMs });
    },
  };
}
