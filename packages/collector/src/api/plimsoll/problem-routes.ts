import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import { type ProblemCommand, problemCommandSchema } from '../../desk/command.ts';
import type { Desk, ProblemQuery } from '../../desk/desk.ts';
import { problemJsonSchema, problemStateSchema } from '../../desk/json/problem.ts';
import { PlimsollError } from '../../errors.ts';
import { withoutUndefined } from '../without-undefined.ts';
import { addCommand, type CommandPath, parseCommand } from './add-command.ts';
import { jsonResponses, newRoutes, type PlimsollRoutes } from './new-routes.ts';
import { pageQueryShape, pageSchema } from './page.ts';

/** The path of each command, and what it does. */
const COMMANDS: Readonly<Record<ProblemCommand['type'], CommandPath>> = {
  'problem.note': ['/problems/{id}/notes', 'Add a note to its timeline'],
  'problem.move': ['/problems/{id}/state', 'Move it to another state'],
  'problem.analyse': ['/problems/{id}/analysis', 'Record root cause and workaround'],
  'problem.close': ['/problems/{id}/close', 'Close it'],
};

const tags = ['problems'];

const listRoute = createRoute({
  method: 'get',
  path: '/problems',
  tags,
  summary: 'Problems: what makes incidents recur',
  request: {
    query: z.object({
      ...pageQueryShape,
      state: z.union([z.enum(['open', 'all']), problemStateSchema]).default('all'),
      service: z.string().optional(),
    }),
  },
  responses: jsonResponses(pageSchema(problemJsonSchema), 'A page of problems.'),
});

const showRoute = createRoute({
  method: 'get',
  path: '/problems/{id}',
  tags,
  summary: 'One problem',
  request: { params: z.object({ id: z.string().describe("The problem's id, or its number.") }) },
  responses: jsonResponses(problemJsonSchema, 'The problem.'),
});

/** Routes that read problems, and do what people do with them. */
export function problemRoutes(desk: Pick<Desk, 'problems' | 'problem' | 'submit'>): PlimsollRoutes {
  const routes = newRoutes();
  routes.openapi(listRoute, (context) => {
    const query: ProblemQuery = withoutUndefined(context.req.valid('query'));
    const page = desk.problems(query);
    return context.json({ items: [...page.items], nextCursor: page.nextCursor }, 200);
  });
  routes.openapi(showRoute, (context) => {
    const { id } = context.req.valid('param');
    const problem = desk.problem(id);
    if (problem === undefined) throw new PlimsollError('not_found', `there is no problem ${id}`);
    return context.json(problem, 200);
  });
  for (const option of problemCommandSchema.options) {
    const type = option.shape.type.value;
    addCommand(routes, {
      command: COMMANDS[type],
      tags,
      option,
      answer: problemJsonSchema,
      submit: (input, { actor, idempotencyKey, authorise }) => {
        const command = parseCommand(problemCommandSchema, { ...input, type });
        authorise('problem.change', `problem ${command.id}`);
        return desk.submit(command, { actor, ...idempotencyKey });
      },
    });
  }
  return routes;
}
