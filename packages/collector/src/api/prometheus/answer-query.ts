import {
  documentedType,
  type Expression,
  type QueryStats,
  type QueryValue,
  valueTypeOf,
} from '@plimsoll/promql';
import { MAX_RANGE_POINTS } from '../limits.ts';
import { type Closing, withDeadline } from '../with-deadline.ts';
import { encodeValue } from './encode-value.ts';
import type { JsonBuffer } from './json-buffer.ts';
import {
  limitParameter,
  optionalDuration,
  requiredDuration,
  requiredTime,
  timeParameter,
} from './parameters.ts';
import { asParameter } from './parse-errors.ts';
import { PrometheusError } from './prometheus-error.ts';
import type { QueryEngine, QueryRequest } from './query-engine.ts';
import type { QueryGate } from './query-gate.ts';
import { encodeAnswer } from './respond.ts';

export interface QueryServices {
  /** Shared by everything that runs clients' queries. */
  readonly gate: QueryGate;
  readonly queries: QueryEngine;
  readonly now: () => number;
  /** The longest a query may take, milliseconds; a request's own `timeout` can only shorten it. */
  readonly queryTimeoutMs: number;
}

export type QueryKind = 'query' | 'query_range';

type Range = Pick<QueryRequest, 'startMs' | 'endMs' | 'stepMs'>;

const TRUNCATED = 'results truncated due to limit';

/**
 * Evaluates a query and encodes the whole answer, in memory that is used again once `outgoing` has closed.
 *
 * @throws PrometheusError and PromqlError, to be answered in Prometheus' form.
 */
export async function answerQuery(
  kind: QueryKind,
  form: URLSearchParams,
  outgoing: Closing,
  services: QueryServices,
): Promise<JsonBuffer> {
  const limit = limitParameter(form);
  const range = kind === 'query' ? instantOf(form, services.now()) : rangeOf(form);
  return run(outgoing, form, limit, services, range);
}

function instantOf(form: URLSearchParams, nowMs: number): Range {
  const timeMs = timeParameter(form, 'time', nowMs);
  return { startMs: timeMs, endMs: timeMs, stepMs: 0 };
}

function rangeOf(form: URLSearchParams): Range {
  const startMs = requiredTime(form, 'start');
  const endMs = requiredTime(form, 'end');
  if (endMs < startMs) {
    throw PrometheusError.invalidParameter('end', 'end timestamp must not be before start time');
  }
  const stepMs = requiredDuration(form, 'step');
  if (stepMs < 1) {
    throw PrometheusError.invalidParameter(
      'step',
      'zero or negative query resolution step widths are not accepted. Try a positive integer',
    );
  }
  if (Math.floor((endMs - startMs) / stepMs) > MAX_RANGE_POINTS) {
    throw new PrometheusError(
      'bad_data',
      'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
    );
  }
  return { startMs, endMs, stepMs: Math.trunc(stepMs) };
}

async function run(
  outgoing: Closing,
  form: URLSearchParams,
  limit: number,
  services: QueryServices,
  range: Range,
): Promise<JsonBuffer> {
  const timeoutMs = Math.min(optionalDuration(form, 'timeout') ?? Infinity, services.queryTimeoutMs);
  const lookbackMs = optionalDuration(form, 'lookback_delta');
  const text = form.get('query') ?? '';
  const startedAt = performance.now();
  const expression = asParameter('query', () => {
    const parsed = services.queries.parse(text);
    if (range.stepMs > 0) checkRangeType(parsed);
    return parsed;
  });
  const preparedAt = performance.now();
  const answer = await withDeadline(outgoing, timeoutMs, (signal) => {
    const request = { text, expression, ...range, lookbackMs, timeoutMs, signal };
    return services.gate.run(() => services.queries.query(request), signal);
  });
  const truncated = truncate(answer.value, limit);
  const timings = { startedAt, preparedAt, finishedAt: performance.now() };
  const statistics = statisticsJson(form.get('stats') ?? '', answer.stats, timings);
  const encode = (json: JsonBuffer): void => {
    json.text('{');
    encodeValue(json, truncated.value);
    json.text(`${statistics}}`);
  };
  return encodeAnswer(outgoing, encode, {
    warnings: truncated.cut ? [...answer.warnings, TRUNCATED] : answer.warnings,
    infos: answer.infos,
  });
}

/** In Prometheus' words, and before anything is read. */
function checkRangeType(expression: Expression): void {
  const type = valueTypeOf(expression);
  if (type === 'scalar' || type === 'vector') return;
  throw new Error(
    `invalid expression type "${documentedType(type)}" for range query, must be Scalar or instant Vector`,
  );
}

function truncate(value: QueryValue, limit: number): { value: QueryValue; cut: boolean } {
  if (limit === 0) return { value, cut: false };
  if (value.type === 'vector' && value.labels.length > limit) {
    return { value: { ...value, labels: value.labels.slice(0, limit) }, cut: true };
  }
  if (value.type === 'matrix' && value.series.length > limit) {
    return { value: { ...value, series: value.series.slice(0, limit) }, cut: true };
  }
  return { value, cut: false };
}

function statisticsJson(
  wanted: string,
  { samplesRead, peakSamples }: QueryStats,
  times: { readonly startedAt: number; readonly preparedAt: number; readonly finishedAt: number },
): string {
  if (wanted === '') return '';
  const { startedAt, preparedAt, finishedAt } = times;
  const evaluation = (finishedAt - preparedAt) / 1000;
  const statistics = {
    timings: {
      evalTotalTime: evaluation,
      resultSortTime: 0,
      queryPreparationTime: (preparedAt - startedAt) / 1000,
      innerEvalTime: evaluation,
      execQueueTime: 0,
      execTotalTime: (finishedAt - startedAt) / 1000,
    },
    samples: { totalQueryableSamples: samplesRead, peakSamples },
  };
  return `,"stats":${JSON.stringify(statistics)}`;
}
