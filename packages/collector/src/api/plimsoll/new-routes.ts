import type { HttpBindings } from '@hono/node-server';
import { OpenAPIHono } from '@hono/zod-openapi';
import { PlimsollError } from '../../errors.ts';
import type { Principal } from '../../security/authorise.ts';
import { problemJsonSchema } from '../problem-json.ts';

/** What every route of ours finds in its context. */
export interface RouteEnvironment {
  Bindings: HttpBindings;
  Variables: { principal: Principal };
}

export type PlimsollRoutes = OpenAPIHono<RouteEnvironment>;

/** An empty set of routes whose inputs are checked by their schemas; what does not fit is `invalid_argument`. */
export function newRoutes(): PlimsollRoutes {
  return new OpenAPIHono<RouteEnvironment>({
    defaultHook: (result) => {
      if (result.success) return;
      throw new PlimsollError('invalid_argument', describeIssues(result.error.issues), {
        cause: result.error,
      });
    },
  });
}

/** Every way an input does not fit, in one sentence. */
export function describeIssues(
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
): string {
  return issues
    .map(({ path, message }) => (path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`))
    .join('; ');
}

const problemContent = { 'application/problem+json': { schema: problemJsonSchema } };

/** The description of a JSON answer, and of the problems that may come in its place. */
export function jsonResponses<T>(schema: T, description: string) {
  return {
    200: { description, content: { 'application/json': { schema } } },
    default: { description: 'A problem (RFC 9457).', content: problemContent },
  };
}
