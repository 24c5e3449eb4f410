import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Labels } from '@plimsoll/promql';
import { afterEach, describe, expect, it } from 'vitest';
import type { LongTermBatch, LongTermEngine } from '../long-term/long-term-engine.ts';
import { createRemoteEngine } from './create-remote-engine.ts';

const signal = AbortSignal.timeout(30_000);
const batch: LongTermBatch = {
  refs: Uint32Array.of(0),
  timestampsMs: Float64Array.of(1_800_000_000_000),
  values: Float64Array.of(1),
  labels: [Labels.of({ __name__: 'm' })],
  metadata: [],
};

let server: Server | undefined;
let engine: LongTermEngine | undefined;
afterEach(async () => {
  await engine?.[Symbol.asyncDispose]();
  server?.closeAllConnections();
  server?.close();
});

/** An engine at a server that answers so. */
async function against(listener: RequestListener): Promise<LongTermEngine> {
  const listening = createServer(listener);
  server = listening;
  await new Promise<void>((resolve) => {
    listening.listen(0, '127.0.0.1', resolve);
  });
  const { port } = listening.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  engine = createRemoteEngine({
    writeUrl: `${url}/write`,
    queryUrl: url,
    headers: { 'x-scope-orgid': 'tenant' },
    collector: 'test',
  });
  return engine;
}

function faultOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => null,
    (error: unknown) => error,
  );
}

describe('what a remote server answers to a write', () => {
  it.each([
    [204, {}, '', null],
    [200, {}, '', null],
    [
      400,
      {},
      'out of bounds',
      { code: 'invalid_argument', message: expect.stringContaining('out of bounds') },
    ],
    [413, {}, '', { code: 'invalid_argument' }],
    [
      429,
      { 'retry-after': '7' },
      '',
      { code: 'unavailable', details: { answered: true, retryAfterMs: 7000 } },
    ],
    [500, {}, '', { code: 'unavailable', details: { answered: true } }],
    [503, {}, '', { code: 'unavailable', details: { answered: false } }],
    [401, {}, 'no', { code: 'unavailable', message: expect.stringContaining('check storage.remote') }],
    [302, { location: 'http://127.0.0.1:1/' }, '', { code: 'unavailable' }],
    [200, {}, '<html>', { code: 'unavailable', message: expect.stringContaining('is the address right') }],
  ])('%i %j "%s"', async (status, headers, body, expected) => {
    const remote = await against((_, response) => response.writeHead(status, headers).end(body));
    const fault = await faultOf(remote.write(batch, signal));
    if (expected === null) expect(fault).toBeNull();
    else expect(fault).toMatchObject(expected);
  });

  it('tells of a connection that broke off between writes, once', async () => {
    const remote = await against((_, response) => response.writeHead(204).end());
    await remote.write(batch, signal);
    server?.closeAllConnections();
    await expect
      .poll(() => faultOf(remote.write(batch, signal)), { timeout: 5000 })
      .toMatchObject({ code: 'unavailable', message: expect.stringContaining('broke off') as string });
    expect(await faultOf(remote.write(batch, signal))).toBeNull();
  });

  it('sends the headers it was given', async () => {
    const seen: unknown[] = [];
    const remote = await against((request, response) => {
      seen.push(request.headers['x-scope-orgid']);
      response.writeHead(204).end();
    });
    await remote.write(batch, signal);
    expect(seen).toEqual(['tenant']);
  });
});

describe('a probe', () => {
  it('waits for a server that is not there', async () => {
    const remote = await against(() => undefined);
    server?.close();
    server?.closeAllConnections();
    expect(await faultOf(remote.probe(signal))).toMatchObject({ code: 'unavailable' });
  });

  it('refuses a server that refuses a sample the second time', async () => {
    let writes = 0;
    const remote = await against((request, response) => {
      request.resume();
      if (request.url === '/write') writes++;
      const versionTwo = request.headers['x-prometheus-remote-write-version'] === '2.0.0';
      if (versionTwo) response.setHeader('x-prometheus-remote-write-samples-written', '3');
      response.writeHead(writes > 1 ? 400 : 204).end(writes > 1 ? 'out of order sample' : '');
    });
    expect(await faultOf(remote.probe(signal))).toMatchObject({
      code: 'configuration',
      message: expect.stringContaining('out_of_order_time_window') as string,
    });
  });

  it.each([
    [[1, 1, 1], [0, 0, 1], '-dedup.minScrapeInterval=1ms'],
    [[1, 1], [0, 1], null],
  ])('looks at what is there: %j', async (values, offsets, message) => {
    const remote = await against((request, response) => {
      request.resume();
      if (request.url?.startsWith('/api/v1/export') !== true) {
        response.writeHead(request.url === '/write' ? 204 : 404).end();
        return;
      }
      const timestamps = offsets.map((offset) => Date.now() + offset);
      response.writeHead(200).end(`${JSON.stringify({ metric: { __name__: 'c' }, values, timestamps })}\n`);
    });
    const fault = await faultOf(remote.probe(signal));
    if (message === null) expect(fault).toBeNull();
    else
      expect(fault).toMatchObject({
        code: 'configuration',
        message: expect.stringContaining(message) as string,
      });
  });
});
