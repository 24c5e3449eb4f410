import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import type { BackupRun, Backups } from '../../backup/backups.ts';
import { PlimsollError } from '../../errors.ts';
import { authorise } from '../../security/authorise.ts';
import { jsonResponses, newRoutes, type PlimsollRoutes } from './new-routes.ts';

const instant = z.iso.datetime();

/** Sizes in bytes; what is not known yet is null. */
const backupSchema = z.object({
  id: z.string(),
  state: z.enum(['running', 'done', 'failed']),
  directory: z.string(),
  startedAt: instant,
  cutAt: instant.nullable(),
  finishedAt: instant.nullable(),
  bytesDone: z.number(),
  bytesTotal: z.number(),
  files: z.number().int().nullable(),
  damages: z
    .array(z.object({ path: z.string(), what: z.string(), affected: z.string() }))
    .nullable()
    .describe(
      'What was found damaged while it was copied: the backup has it as it was. Empty when all was whole.',
    ),
  error: z.string().nullable(),
});
export type BackupJson = z.infer<typeof backupSchema>;

const startRoute = createRoute({
  method: 'post',
  path: '/backups',
  tags: ['backups'],
  summary: 'Take a backup',
  description:
    "Begins to copy the collector's data, as of one moment, into a directory of the collector's machine.",
  request: {
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.strictObject({
            directory: z.string().describe('Absolute; new or empty.'),
            base: z
              .string()
              .nullable()
              .default(null)
              .describe('An earlier backup beside it, whose unchanged days are shared by hard links.'),
          }),
        },
      },
    },
  },
  responses: jsonResponses(backupSchema, 'The backup, which is being taken.'),
});

const listRoute = createRoute({
  method: 'get',
  path: '/backups',
  tags: ['backups'],
  summary: 'Backups since the start of the collector, newest first',
  responses: jsonResponses(
    z.object({ items: z.array(backupSchema), nextCursor: z.string().nullable() }),
    'All that are remembered.',
  ),
});

const showRoute = createRoute({
  method: 'get',
  path: '/backups/{id}',
  tags: ['backups'],
  summary: 'How a backup goes',
  request: { params: z.object({ id: z.string() }) },
  responses: jsonResponses(backupSchema, 'The backup.'),
});

/** Taking backups, and asking how they go. Both need the admin token: they tell and write paths of the machine. */
export function backupRoutes(backups: Pick<Backups, 'start' | 'find' | 'list'>): PlimsollRoutes {
  const routes = newRoutes();
  routes.openapi(startRoute, (context) => {
    const request = context.req.valid('json');
    authorise(context.get('principal'), 'backup.take', request.directory);
    return context.json(toJson(backups.start(request)), 200);
  });
  routes.openapi(listRoute, (context) => {
    authorise(context.get('principal'), 'backup.read', 'the backups');
    return context.json({ items: backups.list().map(toJson), nextCursor: null }, 200);
  });
  routes.openapi(showRoute, (context) => {
    const { id } = context.req.valid('param');
    authorise(context.get('principal'), 'backup.read', id);
    const run = backups.find(id);
    if (run === undefined) throw new PlimsollError('not_found', `there is no backup ${id}`);
    return context.json(toJson(run), 200);
  });
  return routes;
}

function toJson({ id, directory, startedAtMs, progress, manifest, error }: BackupRun): BackupJson {
  return {
    id,
    state: error !== null ? 'failed' : manifest === null ? 'running' : 'done',
    directory,
    startedAt: new Date(startedAtMs).toISOString(),
    cutAt: manifest?.cutAt ?? null,
    finishedAt: manifest?.finishedAt ?? null,
    ...progress,
    files: manifest?.files.length ?? null,
    damages:
      manifest === null
        ? null
        : (manifest.damages ?? []).map(({ path, what, affected }) => ({ path, what, affected })),
    error: error?.message ?? null,
  };
}
