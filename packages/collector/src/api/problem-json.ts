import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { z } from 'zod';
import { type ErrorCode, PlimsollError } from '../errors.ts';

/** RFC 9457 problem details, the form of every error of our own API. */
export const problemJsonSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.string(),
});
export type ProblemDetails = z.infer<typeof problemJsonSchema>;

const STATUS: Readonly<Record<ErrorCode, readonly [status: ContentfulStatusCode, title: string]>> = {
  invalid_argument: [400, 'Invalid request'],
  unauthenticated: [401, 'Not authenticated'],
  permission_denied: [403, 'Not permitted'],
  not_found: [404, 'Not found'],
  already_exists: [409, 'Exists already'],
  conflict: [409, 'Changed meanwhile'],
  failed_precondition: [409, 'Not possible in this state'],
  resource_exhausted: [429, 'Limit reached'],
  out_of_space: [507, 'Out of disk space'],
  unavailable: [503, 'Not available now'],
  configuration: [422, 'Configuration refused'],
  locked: [423, 'Locked'],
  internal: [500, 'Internal error'],
};

/** The problem behind anything thrown. An internal error's own message stays in the log. */
export function toProblem(thrown: unknown): ProblemDetails {
  const error = PlimsollError.from(thrown);
  const [status, title] = STATUS[error.code];
  const detail = error.code === 'internal' ? 'the collector failed; its log has the details' : error.message;
  return problem(status, title, detail, error.code);
}

/** A problem that is no PlimsollError, such as a refused Origin. */
export function problem(status: number, title: string, detail: string, code: string): ProblemDetails {
  return { type: 'about:blank', title, status, detail, code };
}

/** Answers with a problem. */
export function respondProblem(context: Context, details: ProblemDetails): Response {
  return context.body(JSON.stringify(details), details.status as ContentfulStatusCode, {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
  });
}
