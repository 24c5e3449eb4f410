import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import { type IncidentCommand, incidentCommandSchema } from '../../desk/command.ts';
import type { Desk, IncidentQuery } from '../../desk/desk.ts';
import { prioritySchema } from '../../desk/json/common.ts';
import { incidentJsonSchema, incidentStateSchema } from '../../desk/json/incident.ts';
import { PlimsollError } from '../../errors.ts';
import { withoutUndefined } from '../without-undefined.ts';
import { addCommand, type CommandPath, parseCommand } from './add-command.ts';
import { jsonResponses, newRoutes, type PlimsollRoutes } from './new-routes.ts';
import { pageQueryShape, pageSchema } from './page.ts';

/** The path of each command, and what it does. */
const COMMANDS: Readonly<Record<IncidentCommand['type'], CommandPath>> = {
  'incident.open': ['/incidents', 'Open an incident by hand'],
  'incident.acknowledge': ['/incidents/{id}/acknowledge', 'Say that somebody has it'],
  'incident.assign': ['/incidents/{id}/assign', 'Give it to a person'],
  'incident.note': ['/incidents/{id}/notes', 'Add a note to its timeline'],
  'incident.hold': ['/incidents/{id}/hold', 'Pause the clocks that pause for the reason'],
  'incident.resume': ['/incidents/{id}/resume', 'Let its clocks run again'],
  'incident.resolve': ['/incidents/{id}/resolve', 'Mark it resolved'],
  'incident.reopen': ['/incidents/{id}/reopen', 'Open it again'],
  'incident.close': ['/incidents/{id}/close', 'Close it for good'],
  'incident.cancel': ['/incidents/{id}/cancel', 'Mark it as no incident'],
  'incident.reprioritise': ['/incidents/{id}/priority', 'Change impact and urgency'],
};

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
  for (const option of incidentCommandSchema.options) {
    const type = option.shape.type.value;
    addCommand(routes, {
      command: COMMANDS[type],
      tags,
      option,
      answer: incidentJsonSchema,
      submit: (input, { actor, idempotencyKey, authorise }) => {
        const command = parseCommand(incidentCommandSchema, { ...input, type });
        if (command.type === 'incident.open') authorise('incident.open', `service ${command.service}`);
        else authorise('incident.change', `incident ${command.id}`);
        return desk.submit(command, { actor, ...idempotencyKey });
      },
    });
  }
  return routes;
}
