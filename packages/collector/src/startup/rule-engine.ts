import { type Engine, type InstantVector, Labels } from '@plimsoll/promql';
import type { ResultSample } from '@plimsoll/rules';
import { PlimsollError } from '../errors.ts';
import type { RuleEngine } from '../evaluation/evaluation.ts';

/** The query engine as rules use it: instants, and vectors for answers. */
export function ruleEngine(engine: Engine): RuleEngine {
  return async (expression, timeMs, queryable) => {
    const query = typeof expression === 'string' ? { text: expression } : { expression };
    const { value } = await engine.queryInstant({ ...query, timeMs, queryable });
    if (value.type === 'scalar') return [{ labels: Labels.EMPTY, value: value.value }];
    if (value.type === 'vector') return value.labels.map((labels, index) => sampleOf(value, labels, index));
    throw new PlimsollError('invalid_argument', `a rule yields a vector or a scalar, not a ${value.type}`);
  };
}

function sampleOf({ values, histograms }: InstantVector, labels: Labels, index: number): ResultSample {
  const histogram = histograms?.[index];
  const value = values[index] ?? Number.NaN;
  return histogram === undefined ? { labels, value } : { labels, value, histogram };
}
