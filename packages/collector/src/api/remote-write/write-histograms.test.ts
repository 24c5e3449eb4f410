import { isStaleMarker } from '@plimsoll/proto';
import { FloatHistogram, type SeriesColumns } from '@plimsoll/promql';
import { compress } from 'snappyjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeReadAnswer } from '../../telemetry/remote/read-answer.ts';
import { histogramText } from '../../telemetry/testing/seeded-histogram.ts';
import { NOW_MS, rawRequest, startTestApi, type TestApi } from '../testing/start-test-api.ts';
import { encodeHistogramMessage, type HistogramToWrite } from './testing/encode-histogram.ts';
import { encodeWriteRequest2 } from './testing/encode-write-request-2.ts';
import { field, varint } from './testing/encode-write-request.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api[Symbol.asyncDispose]());

const send = (path: string, body: Uint8Array, type: string) =>
  rawRequest(`${api.url}/api/v1/${path}`, {
    method: 'POST',
    headers: { 'content-type': type, 'content-encoding': 'snappy' },
    body: compress(body),
  });

/** By version 1. */
const write1 = (name: string, ...histograms: readonly HistogramToWrite[]) => {
  const label = field(1, Buffer.concat([field(1, Buffer.from('__name__')), field(2, Buffer.from(name))]));
  const fields = histograms.map((histogram) => field(4, encodeHistogramMessage(histogram)));
  return send('write', field(1, Buffer.concat([label, ...fields])), 'application/x-protobuf');
};

/** By version 2. */
const write2 = (name: string, ...histograms: readonly HistogramToWrite[]) => {
  const rest = Buffer.concat(histograms.map((histogram) => field(3, encodeHistogramMessage(histogram))));
  const message = encodeWriteRequest2([{ labels: [['__name__', name]], rest }]);
  return send('write', message, 'application/x-protobuf;proto=io.prometheus.write.v2.Request');
};

async function stored(name: string): Promise<SeriesColumns | undefined> {
  const matchers = [{ name: '__name__', type: '=' as const, value: name }];
  const [series] = await api.store.select({ matchers, startMs: 0, endMs: NOW_MS * 2 });
  return series;
}

const INTEGERS: HistogramToWrite = {
  timestampMs: NOW_MS - 2,
  schema: 3,
  zeroThreshold: 0.001,
  zeroCount: 2,
  count: 15,
  sum: 8.5,
  positive: {
    spans: [
      [-2, 2],
      [3, 1],
    ],
    counts: [4, 1, 6],
  },
  negative: { spans: [[1, 1]], counts: [2] },
};
const FLOATS: HistogramToWrite = {
  timestampMs: NOW_MS - 1,
  startTimestampMs: NOW_MS - 5000,
  float: true,
  schema: -53,
  count: 2.75,
  sum: 3,
  positive: { spans: [[1, 2]], counts: [0.25, 2.5] },
  customValues: [0.5, 1, 2],
  hint: 3,
};

const EXPECTED = [
  new FloatHistogram({
    schema: 3,
    zeroThreshold: 0.001,
    zeroCount: 2,
    count: 15,
    sum: 8.5,
    positive: { indexes: [-2, -1, 3], counts: Float64Array.of(4, 1, 6) },
    negative: { indexes: [1], counts: Float64Array.of(2) },
  }),
  new FloatHistogram({
    schema: -53,
    count: 2.75,
    sum: 3,
    positive: { indexes: [1, 2], counts: Float64Array.of(0.25, 2.5) },
    customValues: [0.5, 1, 2],
    counterResetHint: 'gauge',
  }),
].map(histogramText);

describe('remote-written histograms', () => {
  it('are stored by version 1', async () => {
    expect(await write1('nh_1', INTEGERS, FLOATS)).toMatchObject({ status: 204 });
    const series = await stored('nh_1');
    expect(series?.histograms?.map((each) => each && histogramText(each))).toEqual(EXPECTED);
    expect([...(series?.timestamps ?? [])]).toEqual([NOW_MS - 2, NOW_MS - 1]);
  });

  it('are stored by version 2, with their start timestamps, and counted', async () => {
    const { status, headers } = await write2('nh_2', INTEGERS, FLOATS);
    expect(status).toBe(204);
    expect(headers['x-prometheus-remote-write-histograms-written']).toBe('2');
    expect(headers['x-prometheus-remote-write-samples-written']).toBe('0');
    const series = await stored('nh_2');
    expect(series?.histograms?.map((each) => each && histogramText(each))).toEqual(EXPECTED);
    expect([...(series?.startTimestamps ?? [])]).toEqual([0, NOW_MS - 5000]);
  });

  it('end with a stale marker', async () => {
    const message = encodeHistogramMessage({ timestampMs: NOW_MS, sum: 1 });
    const stale = Buffer.from([2, 0, 0, 0, 0, 0, 0xf0, 0x7f]);
    message.set(stale, message.indexOf(Buffer.from([0, 0, 0, 0, 0, 0, 0xf0, 0x3f])));
    await write1('nh_stale', INTEGERS);
    const label = field(
      1,
      Buffer.concat([field(1, Buffer.from('__name__')), field(2, Buffer.from('nh_stale'))]),
    );
    await send('write', field(1, Buffer.concat([label, field(4, message)])), 'application/x-protobuf');
    const series = await stored('nh_stale');
    expect(series?.histograms?.map((each) => each !== undefined)).toEqual([true, false]);
    expect(isStaleMarker(series?.values[1] ?? 0)).toBe(true);
  });

  it('of a finer schema than 8 are joined to it', async () => {
    const fine = {
      ...INTEGERS,
      schema: 9,
      positive: { spans: [[1, 4]] as const, counts: [1, 2, 3, 4] },
      count: 14,
    };
    expect(await write1('nh_fine', fine)).toMatchObject({ status: 204 });
    const [histogram] = (await stored('nh_fine'))?.histograms ?? [];
    expect([histogram?.schema, histogram?.positive.indexes, [...(histogram?.positive.counts ?? [])]]).toEqual(
      [8, [1, 2], [3, 7]],
    );
  });

  it.each([
    [
      { ...INTEGERS, count: 14 },
      /^15 observations found in buckets, but the Count field is 14: histogram's observation count should equal/,
    ],
    [{ ...INTEGERS, schema: -5 }, /^histogram has an invalid schema, .*, got schema -5$/],
    [{ ...INTEGERS, customValues: [1] }, /^histogram with exponential schema must not have custom bounds$/],
    [
      { ...INTEGERS, positive: { spans: [[0, 2]], counts: [11] } },
      /^positive side: spans need 2 buckets, have 1 buckets: /,
    ],
    [
      {
        ...INTEGERS,
        positive: {
          spans: [
            [0, 1],
            [-1, 1],
          ],
          counts: [5, 6],
        },
      },
      /^positive side: span number 2 with offset -1: /,
    ],
    [
      { ...INTEGERS, negative: { spans: [[1, 1]], counts: [-2] } },
      /^negative side: bucket number 1 has observation count of -2: /,
    ],
    [{ ...FLOATS, count: -1 }, /^observation count is {2}-1: histogram's observation count is negative$/],
    [{ ...FLOATS, zeroCount: 1 }, /^custom buckets: must have zero count of 0$/],
    [
      { ...FLOATS, customValues: [2, 1, 3] },
      /^custom buckets: previous bound is 2.000000 and current is 1.000000: /,
    ],
    [
      { ...FLOATS, customValues: [2] },
      /^custom buckets: only 1 custom bounds defined which is insufficient to cover total span length of 3: /,
    ],
    [
      { ...FLOATS, customValues: [1, 2, Infinity] },
      /^custom buckets: last \+Inf bound must not be explicitly defined: /,
    ],
    [
      { ...INTEGERS, timestampMs: NOW_MS + 86_400_000 },
      /^out of bounds: timestamp is too far in the future$/,
    ],
  ] satisfies [HistogramToWrite, RegExp][])('of %o are refused', async (histogram, message) => {
    const { status, body } = await write1('nh_bad', histogram);
    expect([status, body.trimEnd()]).toEqual([400, expect.stringMatching(message)]);
    expect(await stored('nh_bad')).toBeUndefined();
  });

  it('differ from another sample at their time', async () => {
    await write1('nh_same', INTEGERS);
    expect(await write1('nh_same', INTEGERS)).toMatchObject({ status: 204 });
    const other = await write1('nh_same', { ...INTEGERS, sum: 9 });
    expect(other).toMatchObject({ status: 400, body: 'duplicate sample for timestamp\n' });
  });

  it.each([
    ['application/x-protobuf', [0, 1]],
    ['application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse', [1, 0]],
  ])('are read back by remote read as %s', async (type, accepted) => {
    await write1('nh_read', INTEGERS, FLOATS);
    const matcher = Buffer.concat([field(2, Buffer.from('__name__')), field(3, Buffer.from('nh_read'))]);
    const query = Buffer.concat([varint(16), varint(NOW_MS), field(3, matcher)]);
    const request = Buffer.concat([field(1, query), field(2, Buffer.from(accepted))]);
    const answer = await fetch(`${api.url}/api/v1/read`, {
      method: 'POST',
      body: new Uint8Array(compress(request)),
    });
    expect(answer.headers.get('content-type')).toBe(type);
    const body = Buffer.from(await answer.arrayBuffer());
    const read = decodeReadAnswer(
      { status: 200, headers: { 'content-type': type }, body: ReadableStream.from([body]) },
      1e6,
    );
    const found: unknown[] = [];
    for await (const { samples } of read) {
      for (const { timestamps, histograms = [] } of samples) {
        histograms.forEach((each, i) => found.push([timestamps[i], each && histogramText(each)]));
      }
    }
    expect(found).toEqual([
      [NOW_MS - 2, EXPECTED[0]],
      [NOW_MS - 1, EXPECTED[1]],
    ]);
  });

  it('are left out of federation', async () => {
    await write1('nh_federate', { ...INTEGERS, timestampMs: NOW_MS });
    const answer = await fetch(`${api.url}/federate?match[]=nh_federate`);
    expect([answer.status, await answer.text()]).toEqual([200, '']);
  });
});
