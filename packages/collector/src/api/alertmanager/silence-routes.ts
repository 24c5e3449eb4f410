import { Hono } from 'hono';
import type { Silences } from '../../alertmanager/silences.ts';
import { authorise } from '../../security/authorise.ts';
import type { RouteEnvironment } from '../plimsoll/new-routes.ts';
import { AlertmanagerError } from './alertmanager-error.ts';
import { parseMatcher } from './read-filter.ts';
import { readJson } from './read-json.ts';
import { inOrder, readSilence, silenceJson } from './silence-json.ts';

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** /silences and /silence/{id}. */
export function silenceRoutes(silences: Silences, now: () => number): Hono<RouteEnvironment> {
  const routes = new Hono<RouteEnvironment>();
  routes.get('/silences', (context) => {
    const wanted = new URL(context.req.url).searchParams.getAll('filter').map(parseMatcher);
    const matching = silences
      .list()
      .filter(({ matchers }) =>
        wanted.every(({ name, type, value }) =>
          matchers.some(
            (matcher) =>
              matcher.name === name &&
              matcher.value === value &&
              matcher.isRegex === type.includes('~') &&
              matcher.isEqual === type.startsWith('='),
          ),
        ),
      );
    const nowMs = now();
    return context.json(inOrder(matching, nowMs).map((silence) => silenceJson(silence, nowMs)));
  });
  routes.post('/silences', async (context) => {
    const nowMs = now();
    const request = readSilence(await readJson(context, 'silence'), nowMs);
    authorise(context.get('principal'), 'silence.change', request.id ?? 'a new silence');
    return context.json({ silenceID: silences.set(request, nowMs).id });
  });
  routes.get('/silence/:id', (context) => {
    const silence = silences.get(uuid(context.req.param('id')));
    return silence === undefined ? context.body(null, 404) : context.json(silenceJson(silence, now()));
  });
  routes.delete('/silence/:id', (context) => {
    const id = uuid(context.req.param('id'));
    authorise(context.get('principal'), 'silence.change', id);
    if (!silences.expire(id, now())) throw AlertmanagerError.refused(404, 'silence not found');
    return context.body(null, 200);
  });
  return routes;
}

function uuid(text: string): string {
  if (UUID.test(text)) return text.toLowerCase();
  const message = `silenceID in path must be of type uuid: ${JSON.stringify(text)}`;
  throw AlertmanagerError.malformed(422, message, 601);
}
