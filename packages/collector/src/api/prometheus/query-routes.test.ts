import { Labels } from '@plimsoll/promql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NOW_MS, rawRequest, startTestApi, type TestApi } from '../testing/start-test-api.ts';

const NOW = NOW_MS / 1000;
let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
  const [a = 0, b = 0, odd = 0] = api.store.internSeries([
    Labels.of({ __name__: 'load', instance: 'a' }),
    Labels.of({ __name__: 'load', instance: 'b' }),
    Labels.of({ __name__: 'odd', path: '/a"b\\c\n<é>' }),
  ]);
  const samples: (readonly [number, number, number])[] = [
    [a, NOW_MS - 20_000, 1],
    [a, NOW_MS - 10_000, 2.5],
    [a, NOW_MS, 4],
    [b, NOW_MS - 20_000, 10],
    [b, NOW_MS - 10_000, 20],
    [b, NOW_MS, 30],
    [odd, NOW_MS - 500, Number.POSITIVE_INFINITY],
  ];
  await api.store.appendSamples({
    refs: Uint32Array.from(samples, ([ref]) => ref),
    timestampsMs: Float64Array.from(samples, ([, timestampMs]) => timestampMs),
    values: Float64Array.from(samples, ([, , value]) => value),
  }).durable;
});
afterAll(() => api[Symbol.asyncDispose]());

const query = (path: string, parameters: Record<string, string>) =>
  rawRequest(`${api.url}/api/v1/${path}?${new URLSearchParams(parameters).toString()}`);
const instant = (expression: string, more: Record<string, string> = {}) =>
  query('query', { query: expression, time: String(NOW), ...more });
const range = (expression: string, more: Record<string, string> = {}) =>
  query('query_range', { query: expression, start: String(NOW - 20), end: String(NOW), step: '10', ...more });

describe('/query', () => {
  it('answers a vector, to the digit', async () => {
    const { status, headers, body } = await instant('load * 0.1');
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('application/json');
    expect(body).toBe(
      `{"status":"success","data":{"resultType":"vector","result":[` +
        `{"metric":{"instance":"a"},"value":[${NOW},"0.4"]},{"metric":{"instance":"b"},"value":[${NOW},"3"]}]}}`,
    );
  });

  it.each([
    ['1 / 3', `{"resultType":"scalar","result":[${NOW},"0.3333333333333333"]}`],
    ['1e30', `{"resultType":"scalar","result":[${NOW},"1000000000000000000000000000000"]}`],
    ['"tëxt"', `{"resultType":"string","result":[${NOW},"tëxt"]}`],
    ['vector(1e30)', `{"resultType":"vector","result":[{"metric":{},"value":[${NOW},"1e+30"]}]}`],
    ['vector(-0.0000001)', `{"resultType":"vector","result":[{"metric":{},"value":[${NOW},"-1e-07"]}]}`],
    ['absent_metric', '{"resultType":"vector","result":[]}'],
    [
      'odd',
      `{"resultType":"vector","result":[{"metric":{"__name__":"odd","path":"/a\\"b\\\\c\\n<é>"},"value":[${NOW},"+Inf"]}]}`,
    ],
    [
      'load{instance="a"}[15s]',
      `{"resultType":"matrix","result":[{"metric":{"__name__":"load","instance":"a"},"values":[[${NOW - 10},"2.5"],[${NOW},"4"]]}]}`,
    ],
  ])('answers %s', async (expression, data) => {
    expect((await instant(expression)).body).toBe(`{"status":"success","data":${data}}`);
  });

  it('takes times with a fraction and in RFC 3339, forms, and now when there is none', async () => {
    const fraction = await instant('vector(time())', { time: '1700000000.5' });
    expect(fraction.body).toContain('"value":[1700000000.500,"1700000000.5"]');
    expect((await instant('time()', { time: new Date(NOW_MS).toISOString() })).body).toContain(
      `[${NOW},"${NOW}"]`,
    );
    const form = await rawRequest(`${api.url}/api/v1/query`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ query: 'time()' }).toString(),
    });
    expect(JSON.parse(form.body).data.result).toEqual([NOW, String(NOW)]);
  });

  it('cuts at the limit with a warning', async () => {
    const answer = JSON.parse((await instant('load', { limit: '1' })).body);
    expect(answer.data.result).toHaveLength(1);
    expect(answer.warnings).toEqual(['results truncated due to limit']);
  });

  it('tells what a query cost', async () => {
    const { data } = JSON.parse((await instant('load', { stats: 'all' })).body);
    expect(data.stats.timings.evalTotalTime).toBeGreaterThanOrEqual(0);
    expect(data.stats.samples).toMatchObject({ totalQueryableSamples: expect.any(Number) });
    expect(JSON.parse((await instant('load')).body).data.stats).toBeUndefined();
  });

  it('heeds lookback_delta', async () => {
    const old = { time: String(NOW + 60) };
    expect(JSON.parse((await instant('load', old)).body).data.result).toHaveLength(2);
    expect(JSON.parse((await instant('load', { ...old, lookback_delta: '30s' })).body).data.result).toEqual(
      [],
    );
  });

  it('passes remarks on', async () => {
    const { infos } = JSON.parse((await instant('rate(load[1m])')).body);
    expect(infos).toEqual([expect.stringContaining('metric might not be a counter')]);
  });

  it('passes ten remarks of a kind on and counts the others', async () => {
    const many = await range('quantile_over_time(time(), load[1m])', { step: '1' });
    const { warnings } = JSON.parse(many.body);
    expect(warnings).toHaveLength(11);
    expect(warnings[10]).toBe('11 more warning annotations omitted');
  });

  it.each([
    [{ query: 'sum(' }, 400, 'bad_data', /^invalid parameter "query": 1:\d+: parse error: /],
    [
      { query: '' },
      400,
      'bad_data',
      /^invalid parameter "query": unknown position: parse error: no expression found in input$/,
    ],
    [
      { query: 'up', time: 'x' },
      400,
      'bad_data',
      /^invalid parameter "time": invalid time value for 'time': cannot parse "x" to a valid timestamp$/,
    ],
    [
      { query: 'up', timeout: 'x' },
      400,
      'bad_data',
      /^invalid parameter "timeout": cannot parse "x" to a valid duration$/,
    ],
    [{ query: 'load + on() load' }, 422, 'execution', /duplicate series/],
    [{ query: 'up', timeout: '0' }, 503, 'timeout', /timed out/],
  ])('answers an error to %o', async (parameters, status, errorType, error) => {
    const answer = await query('query', parameters);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toEqual({
      status: 'error',
      errorType,
      error: expect.stringMatching(error),
    });
  });
});

describe('/query_range', () => {
  it('answers a matrix, to the digit', async () => {
    expect((await range('sum(load)')).body).toBe(
      `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":` +
        `[[${NOW - 20},"11"],[${NOW - 10},"22.5"],[${NOW},"34"]]}]}}`,
    );
  });

  it('shows a scalar as a series and leaves gaps out', async () => {
    expect(JSON.parse((await range('1')).body).data.result).toEqual([
      {
        metric: {},
        values: [
          [NOW - 20, '1'],
          [NOW - 10, '1'],
          [NOW, '1'],
        ],
      },
    ]);
    expect(JSON.parse((await range('load > 20')).body).data.result).toEqual([
      { metric: { __name__: 'load', instance: 'b' }, values: [[NOW, '30']] },
    ]);
  });

  it('takes steps as durations and below a second', async () => {
    const { data } = JSON.parse((await range('vector(1)', { step: '250ms', start: String(NOW - 0.5) })).body);
    expect(data.result[0].values.map(([time]: [number]) => time)).toEqual([NOW - 0.5, NOW - 0.25, NOW]);
    expect((await range('vector(1)', { step: '10s' })).status).toBe(200);
  });

  it.each([
    [{ start: '' }, 'invalid parameter "start": cannot parse "" to a valid timestamp'],
    [{ end: 'x' }, 'invalid parameter "end": cannot parse "x" to a valid timestamp'],
    [{ step: '' }, 'invalid parameter "step": cannot parse "" to a valid duration'],
    [{ end: '1' }, 'invalid parameter "end": end timestamp must not be before start time'],
    [
      { step: '0' },
      'invalid parameter "step": zero or negative query resolution step widths are not accepted. Try a positive integer',
    ],
    [
      { start: '0' },
      'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
    ],
    [
      { query: 'load[5m]' },
      'invalid parameter "query": invalid expression type "range vector" for range query, must be Scalar or instant Vector',
    ],
  ])('refuses %o', async (change, error) => {
    const answer = await range('load', change);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body).error).toContain(error);
  });
});
