import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import type { Actor } from '../../desk/json/common.ts';
import type { IncidentJson, incidentJsonSchema } from '../../desk/json/incident.ts';
import type { ProblemJson, problemJsonSchema } from '../../desk/json/problem.ts';
import { PlimsollError } from '../../errors.ts';
import { type Action, authorise } from '../../security/authorise.ts';
import { describeIssues, jsonResponses, type PlimsollRoutes } from './new-routes.ts';

/** Where a command is posted, and what it does. */
export type CommandPath = readonly [path: string, summary: string];

/** On whose behalf a command is submitted. */
interface CommandContext {
  readonly actor: Actor;
  readonly idempotencyKey: { readonly idempotencyKey?: string };
  /** Throws `permission_denied`; every command calls it before it is submitted. */
  readonly authorise: (action: Action, resource: string) => void;
}

interface CommandRoute {
  readonly command: CommandPath;
  readonly tags: string[];
  /** The command's schema: its members besides `type` and `id` make the body. */
  readonly option: z.ZodObject;
  readonly answer: typeof incidentJsonSchema | typeof problemJsonSchema;
  /** `input` is the body and, for a command about one thing, its `id` from the path. */
  readonly submit: (
    input: Record<string, unknown>,
    context: CommandContext,
  ) => Promise<IncidentJson | ProblemJson>;
}

/** Adds the route that submits one kind of command to the desk. */
export function addCommand(routes: PlimsollRoutes, definition: CommandRoute): void {
  const { type: _type, id, ...body } = definition.option.shape as Record<string, z.ZodType>;
  const [path, summary] = definition.command;
  const route = createRoute({
    method: 'post',
    path,
    tags: definition.tags,
    summary,
    request: {
      ...(id === undefined
        ? {}
        : { params: z.object({ id: z.string().describe('Its id, or its number.') }) }),
      headers: z.object({
        'idempotency-key': z.string().max(255).optional().describe('Repeats with it change nothing.'),
      }),
      body: { required: true, content: { 'application/json': { schema: z.strictObject(body) } } },
    },
    responses: jsonResponses(definition.answer, 'The item as it is now.'),
  });
  routes.openapi(route, async (context) => {
    const principal = context.get('principal');
    const idempotencyKey = context.req.header('idempotency-key');
    const target = id === undefined ? {} : { id: context.req.param('id') };
    const answer = await definition.submit(
      { ...context.req.valid('json'), ...target },
      {
        actor: principal.actor,
        idempotencyKey: idempotencyKey === undefined ? {} : { idempotencyKey },
        authorise: (action, resource) => authorise(principal, action, resource),
      },
    );
    return context.json(answer, 200);
  });
}

/** Checks a command by the desk's own schema. Throws `invalid_argument`. */
export function parseCommand<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new PlimsollError('invalid_argument', describeIssues(parsed.error.issues), { cause: parsed.error });
}
