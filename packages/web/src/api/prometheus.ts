import { ApiError, getJson } from './client.ts';
import type { Labels } from './types.ts';

/** One series of a range query; timestamps in seconds, values parsed (`NaN` and infinities kept). */
export interface RangeSeries {
  readonly labels: Labels;
  readonly timestamps: readonly number[];
  readonly values: readonly number[];
}

export interface RangeQuery {
  readonly expression: string;
  readonly startS: number;
  readonly endS: number;
  readonly stepS: number;
}

interface RangeAnswer {
  readonly status: string;
  readonly data: {
    readonly resultType: string;
    readonly result: readonly {
      readonly metric: Labels;
      readonly values: readonly (readonly [number, string])[];
    }[];
  };
}

function rangePath(query: RangeQuery): string {
  const parameters = new URLSearchParams({
    query: query.expression,
    start: String(query.startS),
    end: String(query.endS),
    step: String(query.stepS),
  });
  return `/api/v1/query_range?${parameters}`;
}

export async function queryRange(query: RangeQuery, signal?: AbortSignal): Promise<RangeSeries[]> {
  const answer = await getJson<RangeAnswer>(rangePath(query), signal);
  if (answer.data?.resultType !== 'matrix') {
    throw new ApiError(200, 'unexpected', 'The expression does not answer a range of values');
  }
  return answer.data.result.map((series) => ({
    labels: series.metric,
    timestamps: series.values.map(([at]) => at),
    values: series.values.map(([, text]) => parseSample(text)),
  }));
}

/** Prometheus writes samples as strings: `+Inf`, `-Inf` and `NaN` are not JSON numbers. */
export function parseSample(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  if (text === '-Inf') return Number.NEGATIVE_INFINITY;
  return Number(text);
}

export interface RuleAnswer {
  readonly status: string;
  readonly data: { readonly groups: readonly RuleGroup[] };
}

export interface RuleGroup {
  readonly name: string;
  readonly file: string;
  readonly interval: number;
  readonly evaluationTime?: number;
  readonly lastEvaluation?: string;
  readonly rules: readonly Rule[];
}

export interface Rule {
  readonly type: 'alerting' | 'recording';
  readonly name: string;
  readonly query: string;
  readonly duration?: number;
  readonly state?: 'firing' | 'pending' | 'inactive';
  readonly labels?: Labels;
  readonly annotations?: Labels;
  readonly alerts?: readonly unknown[];
  readonly health: string;
  readonly lastError?: string;
  readonly evaluationTime?: number;
  readonly lastEvaluation?: string;
}
