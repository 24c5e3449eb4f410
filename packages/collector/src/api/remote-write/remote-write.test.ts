import { isStaleMarker, writeStaleMarker } from '@plimsoll/proto';
import { Labels } from '@plimsoll/promql';
import { compress } from 'snappyjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAX_REMOTE_WRITE_BYTES } from '../limits.ts';
import { NOW_MS, rawRequest, startTestApi, type TestApi } from '../testing/start-test-api.ts';
import { encodeWriteRequest, type SeriesToWrite } from './testing/encode-write-request.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api[Symbol.asyncDispose]());

const send = (body: Uint8Array, headers: Record<string, string> = {}) =>
  rawRequest(`${api.url}/api/v1/write`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-protobuf',
      'content-encoding': 'snappy',
      'x-prometheus-remote-write-version': '0.1.0',
      ...headers,
    },
    body,
  });
const write = (...series: SeriesToWrite[]) => send(compress(encodeWriteRequest(series)));
const named = (name: string, more: Record<string, string> = {}) =>
  Object.entries({ __name__: name, ...more }).toSorted(([a], [b]) => (a < b ? -1 : 1));

async function stored(name: string) {
  const [series] = await api.store.select({
    matchers: [{ name: '__name__', type: '=', value: name }],
    startMs: 0,
    endMs: NOW_MS * 2,
  });
  return series === undefined
    ? null
    : { times: [...series.timestamps], values: [...series.values], labels: series.labels };
}

const outcome = async (name: string): Promise<number> => {
  const metric = await api.metrics.getSingleMetric('plimsoll_remote_write_samples_total')?.get();
  return metric?.values.find(({ labels }) => labels['outcome'] === name)?.value ?? 0;
};

describe('remote write', () => {
  it('stores what it is sent', async () => {
    const answer = await write(
      {
        labels: named('rw_a', { job: 'x', zone: 'ä' }),
        samples: [
          { timestampMs: NOW_MS - 2, value: 1.5 },
          { timestampMs: NOW_MS - 1, value: -0 },
        ],
      },
      { labels: named('rw_b'), samples: [{ timestampMs: NOW_MS, value: Infinity }] },
    );
    expect(answer).toMatchObject({ status: 204, body: '' });
    expect(await stored('rw_a')).toEqual({
      times: [NOW_MS - 2, NOW_MS - 1],
      values: [1.5, -0],
      labels: Labels.of({ __name__: 'rw_a', job: 'x', zone: 'ä' }),
    });
    expect((await stored('rw_b'))?.values).toEqual([Infinity]);
  });

  it('keeps stale markers', async () => {
    const marker = new Float64Array(1);
    writeStaleMarker(marker, 0);
    await write({
      labels: named('rw_stale'),
      samples: [{ timestampMs: NOW_MS, bits: new Uint8Array(marker.buffer) }],
    });
    expect(isStaleMarker((await stored('rw_stale'))?.values[0] ?? 0)).toBe(true);
  });

  it('answers 400 for out of order and duplicate samples, and stores the rest', async () => {
    await write({ labels: named('rw_c'), samples: [{ timestampMs: NOW_MS, value: 1 }] });
    const late = await write(
      { labels: named('rw_c'), samples: [{ timestampMs: NOW_MS - 1_000, value: 2 }] },
      { labels: named('rw_d'), samples: [{ timestampMs: NOW_MS, value: 3 }] },
    );
    expect(late.status).toBe(400);
    expect(late.body).toContain('out of order sample');
    expect((await stored('rw_d'))?.values).toEqual([3]);
    const twice = await write({ labels: named('rw_c'), samples: [{ timestampMs: NOW_MS, value: 9 }] });
    expect(twice.status).toBe(400);
    expect(twice.body).toBe(
      `duplicate sample for timestamp ${NOW_MS}; overrides not allowed: existing 1, new value 9\n`,
    );
    expect(await stored('rw_c')).toMatchObject({ times: [NOW_MS], values: [1] });
    expect(await outcome('duplicate')).toBe(1);
  });

  it('takes the same sample again', async () => {
    const sample: SeriesToWrite = { labels: named('rw_again'), samples: [{ timestampMs: NOW_MS, value: 1 }] };
    expect((await write(sample)).status).toBe(204);
    expect((await write(sample)).status).toBe(204);
  });

  it('refuses samples from the future', async () => {
    const answer = await write({
      labels: named('rw_future'),
      samples: [{ timestampMs: NOW_MS + 11 * 60_000, value: 1 }],
    });
    expect(answer.status).toBe(400);
    expect(answer.body).toContain('out of bounds');
    expect(await stored('rw_future')).toBeNull();
  });

  it('drops and counts series with invalid labels', async () => {
    const before = await outcome('invalid_labels');
    const sample = [{ timestampMs: NOW_MS, value: 1 }];
    const answer = await write(
      { labels: [['job', 'nameless']], samples: sample },
      {
        labels: [
          ['__name__', 'rw_twice'],
          ['a', '1'],
          ['a', '2'],
        ],
        samples: sample,
      },
      { labels: named('rw_long', { a: 'x'.repeat(10_000) }), samples: sample },
      { labels: named('rw_fine'), samples: sample },
    );
    expect(answer.status).toBe(204);
    expect(await outcome('invalid_labels')).toBe(before + 3);
    expect((await stored('rw_fine'))?.values).toEqual([1]);
  });

  it("lets an agent's series win", async () => {
    const labels = Labels.of({ __name__: 'node_load1', job: 'node', instance: 'web-1' });
    const refs = api.store.internSeries([labels]);
    const record = { agentId: 'a', instance: 'web-1', timestampMs: NOW_MS, refs, values: Float64Array.of(1) };
    await api.store.appendFrame({ ...record, epoch: 1, sequence: 1, backfill: false }).durable;
    api.hosts.connected({
      agentId: 'a',
      instance: 'web-1',
      keyHash: '',
      machineIdHash: '',
      labels: {},
      agentVersion: '1',
      collectIntervalMs: 10_000,
      firstSeenMs: NOW_MS,
      lastSeenMs: null,
      facts: null,
    });
    api.hosts.frame(record, NOW_MS, 0);
    const rival = {
      labels: named('node_load1', { job: 'node', instance: 'web-1' }),
      samples: [{ timestampMs: NOW_MS + 1, value: 99 }],
    };
    expect((await write(rival)).status).toBe(204);
    expect((await stored('node_load1'))?.values).toEqual([1]);
    expect(await outcome('agent_owned')).toBe(1);
  });

  it.each([
    ['no snappy', Buffer.from('hello')],
    ['nothing', Buffer.alloc(0)],
    ['no protobuf', Buffer.from(compress(Buffer.from('hello, this is text')))],
    [
      'a cut request',
      Buffer.from(compress(encodeWriteRequest([{ labels: named('x'), samples: [] }]).subarray(0, 9))),
    ],
  ])('answers 400 for %s', async (_, body) => {
    expect((await send(body)).status).toBe(400);
  });

  it.each([
    [{ 'content-type': 'application/json' }],
    [{ 'content-type': 'application/x-protobuf;proto=some.other.Message' }],
    [{ 'content-encoding': 'gzip' }],
  ])('answers 415 for %o', async (headers) => {
    expect((await send(compress(Buffer.alloc(0)), headers)).status).toBe(415);
  });

  it('refuses bodies over the limit before it reads them', async () => {
    expect((await send(Buffer.alloc(MAX_REMOTE_WRITE_BYTES + 1))).status).toBe(413);
  });
});
