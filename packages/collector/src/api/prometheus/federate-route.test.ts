import { writeStaleMarker } from '@plimsoll/proto';
import { Labels } from '@plimsoll/promql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NOW_MS, rawRequest, startTestApi, type TestApi } from '../testing/start-test-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi((services) => ({
    config: () => ({
      ...services.config(),
      global: { evaluationIntervalMs: 10_000, externalLabels: { region: 'eu', job: 'never' } },
    }),
  }));
  const refs = api.store.internSeries([
    Labels.of({ __name__: 'load', job: 'node', instance: 'b"\\\n' }),
    Labels.of({ __name__: 'load', job: 'node', instance: 'a' }),
    Labels.of({ __name__: 'requests_total', job: 'node' }),
    Labels.of({ __name__: 'old', job: 'node' }),
    Labels.of({ __name__: 'ended', job: 'node' }),
    Labels.of({ __name__: 'dotted.name', job: 'node', instance: 'a', 'a.b': 'c' }),
  ]);
  const values = Float64Array.of(1.5, Infinity, 7, 1, 0, 2);
  writeStaleMarker(values, 4);
  const old = NOW_MS - 600_000;
  const timestampsMs = Float64Array.of(NOW_MS - 1, NOW_MS, NOW_MS, old, NOW_MS, NOW_MS);
  await api.store.appendSamples({ refs, timestampsMs, values }).durable;
  api.store.setMetadata([{ family: 'requests_total', type: 'counter', help: '', unit: '' }]);
});
afterAll(() => api[Symbol.asyncDispose]());

describe('/federate', () => {
  it('gives the newest samples in the text format', async () => {
    const { status, headers, body } = await rawRequest(
      `${api.url}/federate?match[]={job="node"}&match[]=load`,
      { headers: { accept: 'text/plain;version=1.0.0;escaping=allow-utf-8' } },
    );
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8');
    expect(body.split('\n')).toEqual([
      '# TYPE "dotted.name" untyped',
      `{"dotted.name","a.b"="c",instance="a",job="node",region="eu"} 2 ${NOW_MS}`,
      '# TYPE load untyped',
      `load{instance="a",job="node",region="eu"} +Inf ${NOW_MS}`,
      `load{instance="b\\"\\\\\\n",job="node",region="eu"} 1.5 ${NOW_MS - 1}`,
      '# TYPE requests_total counter',
      `requests_total{job="node",region="eu",instance=""} 7 ${NOW_MS}`,
      '',
    ]);
  });

  it('escapes names for scrapers that do not say that they take them', async () => {
    const { headers, body } = await rawRequest(`${api.url}/federate?match[]={instance="a"}`);
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8; escaping=underscores');
    expect(body).toContain(
      `# TYPE dotted_name untyped\ndotted_name{a_b="c",instance="a",job="node",region="eu"} 2 ${NOW_MS}\n`,
    );
  });

  it('gives nothing without a selector, and 400 for a wrong one', async () => {
    expect(await rawRequest(`${api.url}/federate`)).toMatchObject({ status: 200, body: '' });
    expect(await rawRequest(`${api.url}/federate?match[]={`)).toMatchObject({
      status: 400,
      body: '1:2: parse error: unexpected end of input inside braces\n',
    });
  });
});
