import { PromqlError } from '@plimsoll/promql';
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { type ErrorCode, PlimsollError } from '../../errors.ts';
import { MAX_NOTES } from '../limits.ts';
import type { Closing } from '../with-deadline.ts';
import { borrowJsonBuffer } from './borrow-json-buffer.ts';
import type { JsonBuffer } from './json-buffer.ts';
import { PrometheusError, type PrometheusErrorType } from './prometheus-error.ts';
import { toJson } from './to-json.ts';

/** How Prometheus would name the collector's errors. */
const ERROR_TYPES: Readonly<Record<ErrorCode, PrometheusErrorType>> = {
  invalid_argument: 'bad_data',
  not_found: 'not_found',
  resource_exhausted: 'execution',
  failed_precondition: 'execution',
  unavailable: 'unavailable',
  out_of_space: 'unavailable',
  locked: 'unavailable',
  unauthenticated: 'internal',
  permission_denied: 'forbidden',
  already_exists: 'internal',
  conflict: 'internal',
  configuration: 'internal',
  internal: 'internal',
};

/** Notes that come with an answer; an empty list is left out. */
export interface Notes {
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
}

/** Prometheus' success envelope around data that `encode` writes; good until `outgoing` closes. */
export function encodeAnswer(
  outgoing: Closing,
  encode: (json: JsonBuffer) => void,
  { warnings, infos }: Notes = {},
): JsonBuffer {
  const json = borrowJsonBuffer(outgoing);
  encode(json.begin().text('{"status":"success","data":'));
  return json.text(`${list('warning', warnings)}${list('info', infos)}}`);
}

/** Prometheus' success envelope around data that is JSON text already. */
export function respondJson(context: Context, dataJson: string, notes: Notes = {}): Response {
  const body = `{"status":"success","data":${dataJson}${list('warning', notes.warnings)}${list('info', notes.infos)}}`;
  return context.body(body, 200, { 'content-type': 'application/json' });
}

/** Prometheus' success envelope. */
export function respond(context: Context, data: unknown, notes: Notes = {}): Response {
  return respondJson(context, toJson(data), notes);
}

/** Prometheus' error envelope for anything thrown under /api/v1. */
export function respondError(context: Context, thrown: unknown): Response {
  const { status, body } = describeError(thrown);
  // 499 is what Prometheus answers a client that has gone; no such status is in Hono's list.
  return context.body(body, status as ContentfulStatusCode, { 'content-type': 'application/json' });
}

/** The same as a status and a JSON text. */
export function describeError(thrown: unknown): { readonly status: number; readonly body: string } {
  const { status, errorType, message } = toPrometheusError(thrown);
  return { status, body: toJson({ status: 'error', errorType, error: message }) };
}

/** A range query may make a note at each step: the first are enough, with a count of the others, as in Prometheus. */
function list(kind: 'warning' | 'info', items: readonly string[] = []): string {
  if (items.length === 0) return '';
  const omitted = items.length - MAX_NOTES;
  const shown =
    omitted > 0 ? [...items.slice(0, MAX_NOTES), `${omitted} more ${kind} annotations omitted`] : items;
  return `,"${kind}s":${toJson(shown)}`;
}

function toPrometheusError(thrown: unknown): PrometheusError {
  if (thrown instanceof PrometheusError) return thrown;
  if (thrown instanceof PromqlError) return fromQuery(thrown);
  if (thrown instanceof DOMException && thrown.name === 'TimeoutError') {
    return new PrometheusError('timeout', 'query timed out in query execution', { cause: thrown });
  }
  const error = PlimsollError.from(thrown);
  return new PrometheusError(ERROR_TYPES[error.code], error.message, { cause: error });
}

const QUERY_ERROR_TYPES = {
  parse: 'bad_data',
  execution: 'execution',
  limit: 'execution',
  timeout: 'timeout',
  canceled: 'canceled',
} as const satisfies Record<PromqlError['kind'], PrometheusErrorType>;

function fromQuery(error: PromqlError): PrometheusError {
  return new PrometheusError(QUERY_ERROR_TYPES[error.kind], error.message, { cause: error });
}
