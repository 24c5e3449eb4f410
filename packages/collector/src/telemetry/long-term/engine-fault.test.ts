import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { PlimsollError } from '../../errors.ts';
import { createQuestdbEngine } from '../questdb/create-questdb-engine.ts';
import { createRemoteEngine } from '../remote/create-remote-engine.ts';
import { troubleText } from './delivery.ts';
import { engineFaultOf } from './engine-fault.ts';
import type { LongTermEngine } from './long-term-engine.ts';

let server: Server | TcpServer | undefined;
let engine: LongTermEngine | undefined;
afterEach(async () => {
  await engine?.[Symbol.asyncDispose]();
  server?.close();
});

const engines: Readonly<Record<string, (url: string) => LongTermEngine>> = {
  remote: (url) =>
    createRemoteEngine({ writeUrl: `${url}/api/v1/write`, queryUrl: url, headers: {}, collector: 'test' }),
  questdb: (url) =>
    createQuestdbEngine({
      url,
      credentials: null,
      tablePrefix: 'plimsoll_',
      runtime: { now: Date.now, log: pino({ level: 'silent' }), metrics: new Registry() },
    }),
};

async function listen(listening: Server | TcpServer): Promise<number> {
  server = listening;
  await new Promise<void>((resolve) => {
    listening.listen(0, '127.0.0.1', resolve);
  });
  return (listening.address() as AddressInfo).port;
}

async function portOf(listener: RequestListener): Promise<number> {
  return listen(createServer(listener));
}

async function closedPort(): Promise<number> {
  const port = await portOf(() => undefined);
  await new Promise((resolve) => server?.close(resolve));
  return port;
}

/** What is told of a probe of the server at an address. */
async function troubleAt(kind: string, url: string, timeoutMs = 10_000): Promise<[string, string]> {
  engine = engines[kind]?.(url);
  try {
    await engine?.probe(AbortSignal.timeout(timeoutMs));
  } catch (thrown) {
    const error = PlimsollError.from(thrown, 'unavailable');
    return [engineFaultOf(error), troubleText(error)];
  }
  return ['none', ''];
}

describe.each(Object.keys(engines))('the %s engine tells', (kind) => {
  it('a port nobody listens at', async () => {
    const port = await closedPort();
    expect(await troubleAt(kind, `http://127.0.0.1:${port}`)).toEqual([
      'connection_refused',
      expect.stringMatching(new RegExp(`127.0.0.1:${port}.*nothing listens at its address`)),
    ]);
    expect(await troubleAt(kind, `http://localhost:${port}`)).toEqual([
      'connection_refused',
      expect.stringContaining(`:${port}`),
    ]);
  });

  it('a host nobody knows', async () => {
    expect(await troubleAt(kind, 'http://nowhere.invalid:9000')).toEqual([
      'unknown_host',
      expect.stringContaining('there is no host of this name'),
    ]);
  });

  it.each([404, 405, 501])('a server that answers %i to what it does not know', async (status) => {
    const port = await portOf((_, response) => response.writeHead(status).end('what?'));
    expect(await troubleAt(kind, `http://127.0.0.1:${port}`)).toEqual([
      'not_this_api',
      expect.stringMatching(new RegExp(`${status}.*not with this API: are address and path right`)),
    ]);
  });

  it('a page for people', async () => {
    const port = await portOf((_, response) => response.end('<html>welcome</html>'));
    expect(await troubleAt(kind, `http://127.0.0.1:${port}`)).toEqual(['not_this_api', expect.any(String)]);
  });

  it.each([
    [401, 'sign_in'],
    [500, 'server_error'],
  ])('status %i: %s', async (status, fault) => {
    const port = await portOf((_, response) => response.writeHead(status).end('no'));
    expect(await troubleAt(kind, `http://127.0.0.1:${port}`)).toEqual([fault, expect.any(String)]);
  });

  it('a server that says nothing', async () => {
    const port = await portOf(() => undefined);
    const [fault] = await troubleAt(kind, `http://127.0.0.1:${port}`, 300);
    (server as Server).closeAllConnections();
    expect(fault).toBe('timeout');
  });

  it('one without TLS at https', async () => {
    const port = await listen(createTcpServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    expect(await troubleAt(kind, `https://127.0.0.1:${port}`)).toEqual([
      'tls',
      expect.stringContaining('http or https'),
    ]);
  });
});
