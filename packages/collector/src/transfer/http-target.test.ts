import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { HttpTarget } from './http-target.ts';
import { ServerClient } from './server-client.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function opened(listener: RequestListener): Promise<HttpTarget> {
  const listening = createServer(listener);
  server = listening;
  await new Promise<void>((resolve) => {
    listening.listen(0, '127.0.0.1', resolve);
  });
  const { port } = listening.address() as AddressInfo;
  const log = { warn: () => undefined };
  const client = new ServerClient(`http://127.0.0.1:${port}`, null, '--to.token-file', log);
  return HttpTarget.open(client, null);
}

it.each([
  [404, '', /takes no remote write .* give the server's address with its path prefix/],
  [200, '<html>welcome</html>', /answers a remote write with content.*is the address right/],
  [301, '', /leads on to another place \(301\)/],
  [401, '', /asks for sign-in \(401\): give a bearer token with --to.token-file/],
])('a server that answers %i "%s" is known before anything is copied', async (status, body, words) => {
  await expect(opened((_, response) => response.writeHead(status).end(body))).rejects.toThrow(words);
});

it('one that does not know version 2 is spoken to in version 1', async () => {
  const versions: unknown[] = [];
  const target = await opened((request, response) => {
    const version = request.headers['x-prometheus-remote-write-version'];
    versions.push(version);
    response.writeHead(version === '2.0.0' ? 415 : 204).end();
  });
  await using _ = target;
  await target.setMetadata([{ family: 'a', type: 'gauge', help: '', unit: '' }]);
  expect(versions).toEqual(['2.0.0', '0.1.0']);
});
