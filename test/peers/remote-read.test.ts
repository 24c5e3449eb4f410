import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getJson, type Program } from '../support/program.ts';
import { isVersion2, prometheusPrograms } from '../support/prometheus-programs.ts';
import { pathOf } from '../support/run-counterpart.ts';
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
