import { createServer } from 'node:net';

/** A port of 127.0.0.1 that was free a moment ago, for counterparts that cannot choose one themselves. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
}
