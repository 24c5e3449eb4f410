import { writeStaleMarker } from '@plimsoll/proto';
import { Labels } from '@plimsoll/promql';
import fc from 'fast-check';
import { compress, uncompress } from 'snappyjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeWriteRequest } from '../remote-write/decode-write-request.ts';
import { ProtoError } from '../remote-write/proto-reader.ts';
import { field, varint } from '../remote-write/testing/encode-write-request.ts';
import { NOW_MS, startTestApi, type TestApi } from '../testing/start-test-api.ts';
import { decodeReadRequest } from './decode-read-request.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi((services) => ({
    config: () => ({
      ...services.config(),
      global: { evaluationIntervalMs: 10_000, externalLabels: { region: 'eu' } },
    }),
  }));
  const refs = api.store.internSeries([
    Labels.of({ __name__: 'load', instance: 'b' }),
    Labels.of({ __name__: 'load', instance: 'a' }),
    Labels.of({ __name__: 'other' }),
  ]);
  const values = Float64Array.of(-0.5, 1, 2);
  writeStaleMarker(values, 1);
  await api.store.appendSamples({ refs, timestampsMs: Float64Array.of(NOW_MS, NOW_MS - 1, NOW_MS), values })
    .durable;
});
afterAll(() => api[Symbol.asyncDispose]());

/** `prometheus.ReadRequest` with one query. */
function request(
  matchers: readonly (readonly [type: number, name: string, value: string])[],
  startMs = 0,
): Buffer {
  const query = Buffer.concat([
    varint(8),
    varint(startMs),
    varint(16),
    varint(NOW_MS),
    ...matchers.map(([type, name, value]) =>
      field(
        3,
        Buffer.concat([varint(8), varint(type), field(2, Buffer.from(name)), field(3, Buffer.from(value))]),
      ),
    ),
  ]);
  return Buffer.concat([field(1, query), varint(16), varint(0)]);
}

async function read(body: Uint8Array): Promise<{ status: number; bytes: Uint8Array }> {
  const answer = await fetch(`${api.url}/api/v1/read`, { method: 'POST', body: new Uint8Array(body) });
  return { status: answer.status, bytes: new Uint8Array(await answer.arrayBuffer()) };
}

/** A result's series have the numbers of a write request's: its decoder reads them. */
async function readSeries(...matchers: (readonly [number, string, string])[]) {
  const { status, bytes } = await read(compress(request(matchers)));
  expect(status).toBe(200);
  const response = uncompress(bytes);
  const length = varintAt(response, 1);
  return decodeWriteRequest(response.subarray(1 + length.size, 1 + length.size + length.value)).series;
}

function varintAt(bytes: Uint8Array, at: number): { value: number; size: number } {
  let value = 0;
  for (let size = 0; ; size++) {
    const byte = bytes[at + size] ?? 0;
    value += (byte & 0x7f) * 2 ** (7 * size);
    if (byte < 0x80) return { value, size: size + 1 };
  }
}

describe('remote read', () => {
  it('answers samples in the order of the labels, with the labels of the server', async () => {
    const series = await readSeries([0, '__name__', 'load'], [0, 'region', 'eu']);
    expect(series.map(({ labels }) => labels)).toEqual([
      ['__name__', 'load', 'instance', 'a', 'region', 'eu'],
      ['__name__', 'load', 'instance', 'b', 'region', 'eu'],
    ]);
    expect(series[1]).toMatchObject({ timestampsMs: [NOW_MS], values: [-0.5] });
    expect(series[0]?.timestampsMs).toEqual([NOW_MS - 1]);
  });

  it.each([
    [[2, 'instance', 'a|c'], 1],
    [[3, '__name__', 'lo.*'], 1],
    [[1, '__name__', 'load'], 1],
    [[0, 'region', 'us'], 0],
  ] as const)('takes the matcher %o', async (matcher, count) => {
    expect(await readSeries(matcher)).toHaveLength(count);
  });

  it('streams chunks to who takes them', async () => {
    const samples = request([[0, '__name__', 'load']]);
    const chunked = Buffer.concat([samples.subarray(0, -1), varint(1)]);
    const answer = await fetch(`${api.url}/api/v1/read`, {
      method: 'POST',
      body: new Uint8Array(compress(chunked)),
    });
    expect(answer.headers.get('content-type')).toBe(
      'application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse',
    );
    expect(Buffer.from(await answer.arrayBuffer()).toString('latin1')).toMatch(/load.*load/s);
  });

  it('keeps every bit of a stale marker', async () => {
    const { bytes } = await read(compress(request([[0, 'instance', 'a']])));
    expect(Buffer.from(uncompress(bytes)).includes(Buffer.from([9, 2, 0, 0, 0, 0, 0, 0xf0, 0x7f]))).toBe(
      true,
    );
  });

  it.each([
    ['no snappy', Buffer.from('hello')],
    ['no protobuf', Buffer.from(compress(Buffer.from('hello, this is text')))],
    ['an unknown matcher type', Buffer.from(compress(request([[9, 'a', 'b']])))],
    ['a regular expression that is none', Buffer.from(compress(request([[2, 'a', '(']])))],
  ])('answers 400 for %s', async (_, body) => {
    expect((await read(body)).status).toBe(400);
  });

  it('answers a request or a ProtoError for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          decodeReadRequest(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtoError);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
