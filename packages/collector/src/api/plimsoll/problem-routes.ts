import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import type { Desk, ProblemQuery } from '../../desk/desk.ts';
import { problemJsonSchema, problemStateSchema } from '../../desk/json/problem.ts';
import { PlimsollError } from '../../errors.ts';
import { withoutUndefined } from '../without-undefined.ts';
import { jsonResponses, newRoutes, type PlimsollRoutes } from './new-routes.ts';
import { pageQueryShape, pageSchema } from './page.ts';

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

/** Routes that read problems. */
export function problemRoutes(desk: Pick<Desk, 'problems' | 'problem'>): PlimsollRoutes {
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
  return routes;
}
