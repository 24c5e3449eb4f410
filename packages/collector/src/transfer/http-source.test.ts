import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { Labels, type SeriesColumns } from '@plimsoll/promql';
import { compress } from 'snappyjs';
import { afterEach, describe, expect, it } from 'vitest';
import { decodeReadRequest } from '../api/remote-read/decode-read-request.ts';
import { encodeReadResponse } from '../api/remote-read/encode-read-response.ts';
import { decodeSnappy } from '../api/remote-write/decode-snappy.ts';
import { HttpSource } from './http-source.ts';
import { ServerClient } from './server-client.ts';

const MINUTE_MS = 60_000;
const STEPS = 90;

const stored: readonly SeriesColumns[] = ['a', 'b'].map((name) => ({
  labels: Labels.of({ __name__: name }),
  timestamps: Float64Array.from({ length: STEPS }, (_, i) => i * MINUTE_MS),
  values: Float64Array.from({ length: STEPS }, (_, i) => i / 3),
}));

/** Samples of a range, or null where they are more than a server of this limit answers. */
function within(startMs: number, endMs: number, limit: number): readonly SeriesColumns[] | null {
  const found = stored.map(({ labels, timestamps, values }) => {
    const kept = timestamps
      .map((_, i) => i)
      .filter((i) => i * MINUTE_MS >= startMs && i * MINUTE_MS <= endMs);
    return {
      labels,
      timestamps: kept.map((i) => timestamps[i] ?? 0),
      values: kept.map((i) => values[i] ?? 0),
    };
  });
  return found.reduce((sum, { timestamps }) => sum + timestamps.length, 0) > limit ? null : found;
}

type Answer = (request: IncomingMessage, body: Buffer) => { status: number; body: Uint8Array | string };

let server: Server | undefined;
afterEach(() => server?.close());

async function listen(answer: Answer): Promise<HttpSource> {
  server = createServer((request, response) => {
    const respond = async (): Promise<void> => {
      const { status, body } = answer(request, await buffer(request));
      response.writeHead(status, { 'content-type': 'application/x-protobuf' });
      response.end(body);
    };
    void respond();
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return new HttpSource(
    new ServerClient(`http://127.0.0.1:${port}/`, 'secret', '--from.token-file', { warn: () => undefined }),
    0,
  );
}

async function readAll(source: HttpSource): Promise<Map<string, number[]>> {
  const times = new Map<string, number[]>();
  const range = { selectors: [[]], startMs: 0, endMs: STEPS * MINUTE_MS };
  for await (const batch of source.read(range, new AbortController().signal)) {
    for (const { labels, timestamps } of batch)
      times.set(labels.name, [...(times.get(labels.name) ?? []), ...timestamps]);
  }
  return times;
}

describe('a server that answers samples', () => {
  it('is asked for less time where it refuses much, and again where it is busy', async () => {
    let requests = 0;
    const tokens = new Set<string | undefined>();
    const source = await listen((request, body) => {
      tokens.add(request.headers.authorization);
      requests++;
      if (requests === 3) return { status: 503, body: 'starting up' };
      const { queries } = decodeReadRequest(decodeSnappy(body, 1e6));
      const found = within(queries[0]?.startMs ?? 0, queries[0]?.endMs ?? 0, 50);
      return found === null
        ? { status: 400, body: 'exceeded sample limit (50)' }
        : { status: 200, body: compress(encodeReadResponse([found], {})) };
    });
    const all = Array.from({ length: STEPS }, (_, i) => i * MINUTE_MS);
    expect(await readAll(source)).toEqual(
      new Map([
        ['a', all],
        ['b', all],
      ]),
    );
    expect(requests).toBeGreaterThan(6);
    expect(tokens).toEqual(new Set(['Bearer secret']));
  });

  it.each([
    [404, 'failed_precondition', 'has no remote read'],
    [401, 'unauthenticated', '--from.token-file'],
    [422, 'failed_precondition', 'refuses a remote read: what?'],
    [302, 'failed_precondition', 'leads on to another place (302), which is not followed'],
  ])('says what a %i means', async (status, code, text) => {
    const source = await listen(() => ({ status, body: 'what?' }));
    await expect(source.probe()).rejects.toMatchObject({ code, message: expect.stringContaining(text) });
  });

  it('is told apart from one that is not there, at once', async () => {
    const source = await listen(() => ({ status: 200, body: '' }));
    await new Promise((resolve) => server?.close(resolve));
    await expect(source.probe()).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/^no server answers at http:.* \(connect ECONNREFUSED/),
    });
  });

  it('is told apart from one that answers something else', async () => {
    const source = await listen(() => ({ status: 200, body: 'hello' }));
    await expect(source.probe()).rejects.toMatchObject({
      code: 'failed_precondition',
      message: expect.stringMatching(/cannot be read.*is it a Prometheus/),
    });
  });
});
