import { Labels } from '@plimsoll/promql';
import fc from 'fast-check';
import { compress } from 'snappyjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NOW_MS, rawRequest, startTestApi, type TestApi } from '../testing/start-test-api.ts';
import { decodeWriteRequest2 } from './decode-write-request-2.ts';
import { ProtoError } from './proto-reader.ts';
import { encodeWriteRequest, field } from './testing/encode-write-request.ts';
import { encodeWriteRequest2, type SeriesToWrite2 } from './testing/encode-write-request-2.ts';

const TYPE = 'application/x-protobuf;proto=io.prometheus.write.v2.Request';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api[Symbol.asyncDispose]());

const send = async (message: Uint8Array, type = TYPE) => {
  const { status, body, headers } = await rawRequest(`${api.url}/api/v1/write`, {
    method: 'POST',
    headers: {
      'content-type': type,
      'content-encoding': 'snappy',
      'x-prometheus-remote-write-version': '2.0.0',
    },
    body: compress(message),
  });
  const written = headers['x-prometheus-remote-write-samples-written'];
  return { status, body, written };
};
const write = (...series: SeriesToWrite2[]) => send(encodeWriteRequest2(series));
const named = (name: string, ...samples: (readonly [ms: number, value: number])[]): SeriesToWrite2 => ({
  labels: [
    ['__name__', name],
    ['job', 'x'],
  ],
  samples: samples.map(([timestampMs, value]) => ({ timestampMs, value })),
});
const values = async (name: string) => {
  const matchers = [{ name: '__name__', type: '=' as const, value: name }];
  const found = await api.store.select({ matchers, startMs: 0, endMs: NOW_MS * 2 });
  return found.map((series) => series.values.join());
};

describe('remote write 2.0', () => {
  it('stores samples and metadata, and says how many it wrote', async () => {
    const metadata = { type: 1, help: 'Requests.', unit: 'requests' };
    const answer = await write(
      { ...named('v2_total', [NOW_MS - 1, 1], [NOW_MS, 2.5]), metadata },
      named('v2_b', [NOW_MS, -0]),
    );
    expect(answer).toEqual({ status: 204, body: '', written: '3' });
    const matchers = [{ name: '__name__', type: '=' as const, value: 'v2_total' }];
    const [series] = await api.store.select({ matchers, startMs: 0, endMs: NOW_MS });
    expect(series?.labels).toEqual(Labels.of({ __name__: 'v2_total', job: 'x' }));
    expect([...(series?.values ?? [])]).toEqual([1, 2.5]);
    expect(api.store.metadata('v2_total')).toEqual([
      { family: 'v2_total', type: 'counter', help: 'Requests.', unit: 'requests' },
    ]);
  });

  it("keeps one description of a histogram's series", async () => {
    const metadata = { type: 3, help: 'Time.', unit: '' };
    await write(
      { ...named('v2_time_bucket', [NOW_MS, 1]), metadata },
      { ...named('v2_time_sum', [NOW_MS, 1]), metadata },
    );
    expect(api.store.metadata('v2_time')).toMatchObject([{ type: 'histogram', help: 'Time.' }]);
    expect(api.store.metadata('v2_time_sum')).toEqual([]);
  });

  it('takes the same sample again', async () => {
    await write(named('v2_again', [NOW_MS, 1]));
    expect(await write(named('v2_again', [NOW_MS, 1]))).toMatchObject({ status: 204, written: '1' });
  });

  it('stores the rest of a request with faults, and names each', async () => {
    await write(named('v2_c', [NOW_MS, 1]));
    const answer = await write(
      named('v2_c', [NOW_MS, 2]),
      named('v2_c', [NOW_MS - 1000, 2]),
      named('v2_d', [NOW_MS, 1]),
      named('v2_e', [NOW_MS + 86_400_000, 1]),
    );
    expect(answer).toEqual({
      status: 400,
      written: '1',
      body: [
        `duplicate sample for timestamp ${NOW_MS}; overrides not allowed: existing 1, new value 2 for series {__name__="v2_c", job="x"}`,
        'out of order sample for series {__name__="v2_c", job="x"}',
        'out of bounds: timestamp is too far in the future for series {__name__="v2_e", job="x"}',
        '',
      ].join('\n'),
    });
    expect(await values('v2_d')).toEqual(['1']);
  });

  it.each<[string, SeriesToWrite2, string]>([
    [
      'no name',
      { labels: [['job', 'x']], samples: [{ timestampMs: NOW_MS, value: 1 }] },
      'invalid metric name or labels, got {job="x"}',
    ],
    [
      'a label twice',
      {
        labels: [
          ['__name__', 'v2_f'],
          ['job', 'x'],
          ['job', 'y'],
        ],
        samples: [{ timestampMs: NOW_MS, value: 1 }],
      },
      'invalid labels for series, labels {__name__="v2_f", job="x", job="y"}, duplicated label job',
    ],
    [
      'an odd list of references',
      { ...named('v2_f', [NOW_MS, 1]), references: [0] },
      'parsing labels for series [1 2 3 4 0]: invalid labelRefs length 5',
    ],
    [
      'a reference to nowhere',
      { ...named('v2_f', [NOW_MS, 1]), references: [999, 1000] },
      'parsing labels for series [1 2 3 4 999 1000]: labelRefs 999 (name) = 1000 (value) outside of symbols table (size 6)',
    ],
    [
      'no sample',
      named('v2_f'),
      'TimeSeries must contain at least one sample or histogram for series {__name__="v2_f", job="x"}',
    ],
    [
      'a native histogram of a time long past',
      { ...named('v2_f'), rest: field(3, Buffer.alloc(0)) },
      'too old sample for series {__name__="v2_f", job="x"}',
    ],
  ])('refuses a series with %s', async (_, series, message) => {
    expect(await write(series, named('v2_beside', [NOW_MS, 1]))).toEqual({
      status: 400,
      written: '1',
      body: `${message}\n`,
    });
    expect(await values('v2_f')).toEqual([]);
  });

  it('tells no more faults than a person reads', async () => {
    const { body } = await write(...Array.from({ length: 100 }, () => named('v2_g')));
    expect(body.trimEnd().split('\n')).toHaveLength(21);
    expect(body).toContain('and 80 more');
  });

  it('reads nothing from a message of version 1, and the other way round', async () => {
    const first = encodeWriteRequest([
      { labels: [['__name__', 'v2_h']], samples: [{ timestampMs: NOW_MS, value: 1 }] },
    ]);
    expect(await send(first)).toMatchObject({ status: 204, written: '0' });
    const second = encodeWriteRequest2([named('v2_h', [NOW_MS, 1])]);
    expect(await send(second, 'application/x-protobuf')).toMatchObject({ status: 204, written: undefined });
    expect(await values('v2_h')).toEqual([]);
  });
});

describe('decodeWriteRequest2', () => {
  it('reads any bytes or refuses them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodeWriteRequest2(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtoError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('bounds what references can make it allocate', () => {
    const packed = field(5, field(1, Buffer.alloc(100_000)));
    expect(() => decodeWriteRequest2(packed)).toThrow('references');
  });

  it('reads references written one by one', () => {
    const symbols = ['', '__name__', 'x'].map((symbol) => field(4, Buffer.from(symbol)));
    const message = Buffer.concat([...symbols, field(5, Buffer.from([8, 1, 8, 2]))]);
    expect(decodeWriteRequest2(message).series).toMatchObject([{ labels: ['__name__', 'x'] }]);
  });
});
