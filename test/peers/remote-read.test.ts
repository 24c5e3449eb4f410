import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { Labels, type SeriesColumns } from '@plimsoll/promql';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProtoWriter } from '../../packages/collector/src/api/remote-read/proto-writer.ts';
import { decodeSnappy } from '../../packages/collector/src/api/remote-write/decode-snappy.ts';
import { ProtoReader } from '../../packages/collector/src/api/remote-write/proto-reader.ts';
import { joinSamples } from '../../packages/collector/src/telemetry/long-term/join-samples.ts';
import type { SampleRun } from '../../packages/collector/src/telemetry/sample-run.ts';
import { WriteEncoder } from '../../packages/collector/src/telemetry/remote/encode-write.ts';
import { HttpClient } from '../../packages/collector/src/telemetry/remote/http-client.ts';
import {
  decodeReadAnswer,
  READ_HEADERS,
  readRequestBody,
} from '../../packages/collector/src/telemetry/remote/read-answer.ts';
import { WRITE_HEADERS } from '../../packages/collector/src/telemetry/remote/write-headers.ts';
import {
  histogramText,
  seededHistogram,
} from '../../packages/collector/src/telemetry/testing/seeded-histogram.ts';
import { toWriteBatch } from '../../packages/collector/src/transfer/to-write-batch.ts';
import { getJson, type Program, startProgram } from '../support/program.ts';
import { isVersion2, newestPrometheus, prometheusPrograms } from '../support/prometheus-programs.ts';
import { pathOf } from '../support/run-counterpart.ts';
import { snappyOf } from './differential/remote-write.ts';
import { startPrometheus } from './differential/start-prometheus.ts';
import { rawSamples } from './support/expect-exact.ts';
import {
  END_SECONDS,
  KNOWN,
  knownOf,
  START_SECONDS,
  startWithKnownSamples,
} from './support/known-samples.ts';
import { startRecordingProxy } from './support/recording-proxy.ts';

const programs = await prometheusPrograms('prometheus');

const SAMPLES = 'application/x-protobuf';
const CHUNKS = 'application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse';

describe('the collector is read', () => {
  let program: Program;
  beforeAll(async () => {
    program = await startWithKnownSamples();
  });
  afterAll(async () => program[Symbol.asyncDispose]());

  it.for(programs)('by $name', async ({ program: prometheus }, { skip }) => {
    skip('missing' in prometheus);
    await using proxy = await startRecordingProxy(() => program.web);
    await using reader = await startPrometheus(
      pathOf(prometheus),
      `remote_read: [{url: '${proxy.url}/api/v1/read', read_recent: true}]\n`,
    );
    expect(await rawSamples(reader.url, '{job="known"}', END_SECONDS)).toEqual(KNOWN);
    expect(await rawSamples(reader.url, '{__name__=~"requests.+",code!="200"}', END_SECONDS)).toEqual(
      knownOf('requests_total').slice(1),
    );
    expect(await rawSamples(reader.url, '{job="unknown"}', END_SECONDS)).toEqual([]);
    // What the agent sends meanwhile is read too.
    expect(await rawSamples(reader.url, 'up{job="node"}')).toMatchObject([{ values: { 0: { 1: '1' } } }]);
    const window = `start=${START_SECONDS}&end=${END_SECONDS}`;
    const selector = encodeURIComponent('{job="known"}');
    expect(await getJson(`${reader.url}/api/v1/series?match[]=${selector}&${window}`)).toMatchObject({
      data: KNOWN.map(({ metric }) => metric),
    });
    expect(proxy.exchanges.length).toBeGreaterThanOrEqual(5);
    const responseType = isVersion2(pathOf(prometheus)) ? SAMPLES : CHUNKS;
    for (const exchange of proxy.exchanges) expect(exchange).toMatchObject({ status: 200, responseType });
    expect(reader.log()).not.toMatch(/level=(?:warn|error)/i);
  });
});

const newest = await newestPrometheus('prometheus');

const STEP_MS = 15_000;
const COUNT = 200;
const FIRST_MS = Math.floor(Date.now() / STEP_MS) * STEP_MS - COUNT * STEP_MS;

/** Counters that grow and are reset, whole and fractional, gauges, and custom buckets: one series a kind. */
const HISTOGRAMS: readonly SeriesColumns[] = [4, 5, 7, 3].map((seed) => ({
  labels: Labels.of({ __name__: 'native', kind: String(seed) }),
  timestamps: Float64Array.from({ length: COUNT }, (_, i) => FIRST_MS + i * STEP_MS),
  values: new Float64Array(COUNT),
  histograms: Array.from({ length: COUNT }, (_, i) => seededHistogram(seed).multiply(1 + (i % 90))),
}));

async function write(url: string): Promise<void> {
  const body = snappyOf(Buffer.from(new WriteEncoder().encode2(toWriteBatch(HISTOGRAMS))));
  const written = await fetch(`${url}/api/v1/write`, { method: 'POST', headers: WRITE_HEADERS[2], body });
  expect(written.status, await written.text()).toBe(204);
}

/** A remote read request that takes samples alone: without what it accepts (field 2). */
function samplesOnly(body: Uint8Array): Uint8Array<ArrayBuffer> {
  const request = new ProtoReader(decodeSnappy(body, 1e6));
  const stripped = new ProtoWriter();
  while (!request.done) {
    const { field, wire } = request.tag();
    if (field === 1) stripped.field(1, request.bytes());
    else request.skip(wire);
  }
  return snappyOf(Buffer.from(stripped.finish()));
}

/** Passes remote reads on, as those of a reader that takes samples alone. */
async function startSamplesProxy(url: string) {
  const types: (string | null)[] = [];
  const server = createServer((request, response) => {
    const answer = async (): Promise<void> => {
      const body = samplesOnly(await buffer(request));
      const read = await fetch(`${url}/api/v1/read`, { method: 'POST', headers: READ_HEADERS, body });
      types.push(read.headers.get('content-type'));
      response.writeHead(read.status, {
        'content-type': read.headers.get('content-type') ?? '',
        'content-encoding': 'snappy',
      });
      response.end(await read.bytes());
    };
    void answer();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${port}`, types, [Symbol.asyncDispose]: close };
}

async function query(web: string, expression: string): Promise<readonly unknown[]> {
  const parameters = new URLSearchParams({
    query: expression,
    time: String((FIRST_MS + COUNT * STEP_MS) / 1000),
  });
  const answer = await getJson<{ data: { result: readonly { metric: unknown }[] } }>(
    `${web}/api/v1/query?${parameters.toString()}`,
  );
  return answer.data.result.toSorted((a, b) =>
    JSON.stringify(a.metric) < JSON.stringify(b.metric) ? -1 : 1,
  );
}

/** Bounds of buckets come from a table in one and from powers in the other: they differ in the last digit. */
function near(answer: unknown): unknown {
  return JSON.parse(JSON.stringify(answer), (_, value: unknown) => {
    const wanted = typeof value === 'string' ? Number(value) : Number.NaN;
    if (!Number.isFinite(wanted)) return value;
    return expect.toSatisfy((found) => Math.abs(Number(found) - wanted) <= 1e-12 * Math.abs(wanted));
  });
}

const EXPRESSIONS = [
  `native[${(COUNT * STEP_MS) / 1000}s]`,
  'histogram_quantile(0.9, rate(native[10m]))',
  'histogram_count(increase(native[40m]))',
];

describe.skipIf('missing' in newest)('native histograms', () => {
  it('are read from the collector by Prometheus, as chunks and as samples', async () => {
    await using program = await startProgram({
      command: 'collector',
      config: 'shippedRules: false\n',
    });
    await write(program.web);
    await using chunks = await startRecordingProxy(() => program.web);
    await using samples = await startSamplesProxy(program.web);
    for (const { url } of [chunks, samples]) {
      await using reader = await startPrometheus(
        pathOf(newest),
        `remote_read: [{url: '${url}/api/v1/read', read_recent: true}]\n`,
      );
      for (const expression of EXPRESSIONS) {
        const ours = await query(program.web, expression);
        expect(ours, expression).toHaveLength(HISTOGRAMS.length);
        expect(await query(reader.url, expression), expression).toEqual(near(ours));
      }
      expect(reader.log()).not.toMatch(/level=(?:warn|error)/i);
    }
    expect(chunks.exchanges.length).toBeGreaterThan(0);
    for (const { responseType } of chunks.exchanges) expect(responseType).toBe(CHUNKS);
    expect(new Set(samples.types)).toEqual(new Set([SAMPLES]));
  });

  it.each([CHUNKS, SAMPLES])('are read from Prometheus as %s', async (type) => {
    await using server = await startPrometheus(
      pathOf(newest),
      'storage: {tsdb: {out_of_order_time_window: 1d}}\n',
    );
    await write(server.url);
    const body = readRequestBody({
      matchers: [{ name: '__name__', type: '=', value: 'native' }],
      startMs: 0,
      endMs: 2 * FIRST_MS,
    });
    using client = new HttpClient({}, 1);
    const answer = await client.open({
      url: `${server.url}/api/v1/read`,
      headers: READ_HEADERS,
      body: type === SAMPLES ? samplesOnly(body) : body,
      maxAnswerBytes: 1e8,
    });
    expect(answer.headers['content-type']).toBe(type);
    const runs = new Map<string, SampleRun[]>();
    for await (const { labels, samples } of decodeReadAnswer(answer, 1e8)) {
      runs.set(labels.get('kind'), [...(runs.get(labels.get('kind')) ?? []), ...samples]);
    }
    for (const { labels, timestamps, histograms = [] } of HISTOGRAMS) {
      const found = joinSamples(labels, runs.get(labels.get('kind')) ?? []);
      expect(found?.timestamps).toEqual(timestamps);
      expect(found?.histograms?.map((each) => histogramText(each?.compact() ?? seededHistogram(1)))).toEqual(
        histograms.map((each) => histogramText(each?.compact() ?? seededHistogram(1))),
      );
    }
  });
});
