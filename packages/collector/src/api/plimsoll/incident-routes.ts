import { createRoute } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { z } from 'zod';
import { type IncidentCommand, incidentCommandSchema } from '../../desk/command.ts';
import type { Desk, IncidentQuery } from '../../desk/desk.ts';
import { prioritySchema } from '../../desk/json/common.ts';
import { incidentJsonSchema, incidentStateSchema } from '../../desk/json/incident.ts';
import { PlimsollError } from '../../errors.ts';
import { authorise } from '../../security/authorise.ts';
import { withoutUndefined } from '../without-undefined.ts';
import {
  describeIssues,
  jsonResponses,
  newRoutes,
  type PlimsollRoutes,
  type RouteEnvironment,
} from './new-routes.ts';
import { pageQueryShape, pageSchema } from './page.ts';

/** The path behind /incidents/{id} of each command about one incident. */
const ACTION_PATHS = {
  'incident.acknowledge': 'acknowledge',
  'incident.assign': 'assign',
  'incident.note': 'notes',
  'incident.hold': 'hold',
  'incident.resume': 'resume',
  'incident.resolve': 'resolve',
  'incident.reopen': 'reopen',
  'incident.close': 'close',
  'incident.cancel': 'cancel',
  'incident.reprioritise': 'priority',
} as const satisfies Partial<Record<IncidentCommand['type'], string>>;

const tags = ['incidents'];
const idParameter = z.object({ id: z.string().describe("The incident's id, or its number.") });

const listRoute = createRoute({
  method: 'get',
  path: '/incidents',
  tags,
  summary: 'Incidents, open ones first by priority and what is due next',
  request: {
    query: z.object({
      ...pageQueryShape,
      state: z.union([z.enum(['open', 'all']), incidentStateSchema]).default('open'),
      service: z.string().optional(),
      priority: prioritySchema.optional(),
      instance: z.string().optional(),
    }),
  },
  responses: jsonResponses(pageSchema(incidentJsonSchema), 'A page of incidents.'),
});

const showRoute = createRoute({
  method: 'get',
  path: '/incidents/{id}',
  tags,
  summary: 'One incident',
  request: { params: idParameter },
  responses: jsonResponses(incidentJsonSchema, 'The incident.'),
});

/** Routes that read incidents, open one by hand, and do what people do with them. */
export function incidentRoutes(desk: Pick<Desk, 'incidents' | 'incident' | 'submit'>): PlimsollRoutes {
  const routes = newRoutes();
  routes.openapi(listRoute, (context) => {
    const query: IncidentQuery = withoutUndefined(context.req.valid('query'));
    const page = desk.incidents(query);
    return context.json({ items: [...page.items], nextCursor: page.nextCursor }, 200);
  });
  routes.openapi(showRoute, (context) => {
    const { id } = context.req.valid('param');
    const incident = desk.incident(id);
    if (incident === undefined) throw new PlimsollError('not_found', `there is no incident ${id}`);
    return context.json(incident, 200);
  });
  for (const schema of incidentCommandSchema.options) addCommand(routes, desk, schema);
  return routes;
}

type CommandSchema = (typeof incidentCommandSchema.options)[number];

function addCommand(routes: PlimsollRoutes, desk: Pick<Desk, 'submit'>, schema: CommandSchema): void {
  const type = schema.shape.type.value;
  const opens = type === 'incident.open';
  const { type: _, ...fields } = schema.shape;
  const { id: __, ...body }: Record<string, z.ZodType> = fields;
  const route = createRoute({
    method: 'post',
    path: opens ? '/incidents' : `/incidents/{id}/${ACTION_PATHS[type]}`,
    tags,
    summary: opens ? 'Open an incident by hand' : `${type.replace('incident.', '')} an incident`,
    request: {
      ...(opens ? {} : { params: idParameter }),
      body: { required: true, content: { 'application/json': { schema: z.strictObject(body) } } },
    },
    responses: jsonResponses(incidentJsonSchema, 'The incident as it is now.'),
  });
  routes.openapi(route, async (context) => {
    const id = opens ? undefined : context.req.param('id');
    const command = readCommand({ ...context.req.valid('json'), type, ...(id === undefined ? {} : { id }) });
    return context.json(await submit(context, desk, command), 200);
  });
}

function readCommand(input: unknown): IncidentCommand {
  const parsed = incidentCommandSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new PlimsollError('invalid_argument', describeIssues(parsed.error.issues), { cause: parsed.error });
}

function submit(context: Context<RouteEnvironment>, desk: Pick<Desk, 'submit'>, command: IncidentCommand) {
  const principal = context.get('principal');
  const opens = command.type === 'incident.open';
  authorise(
    principal,
    opens ? 'incident.open' : 'incident.change',
    opens ? `service ${command.service}` : `incident ${command.id}`,
  );
  const idempotencyKey = context.req.header('idempotency-key');
  return desk.submit(command, {
    actor: principal.actor,
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  });
}
