import { type Engine, type Expression, parseSelector, type Queryable } from '@plimsoll/promql';
import type { QueryEngine } from './query-engine.ts';

/** Dashboards ask the same again: so many expressions, of at most so many characters, are kept parsed. */
const MAX_PARSED = 256;
const MAX_PARSED_LENGTH = 4096;

/** The query language over a store, as the API uses it. */
export function createQueryEngine(engine: Engine, queryable: Queryable): QueryEngine {
  const parsed = new Map<string, Expression>();
  const parse = (text: string): Expression => {
    const known = parsed.get(text);
    if (known !== undefined) return known;
    const expression = engine.parse(text);
    if (parsed.size >= MAX_PARSED) parsed.clear();
    if (text.length <= MAX_PARSED_LENGTH) parsed.set(text, expression);
    return expression;
  };
  return {
    parse,
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
