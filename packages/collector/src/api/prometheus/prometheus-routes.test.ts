import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Labels } from '@plimsoll/promql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { GroupStatus } from '../../evaluation/evaluation.ts';
import { NOW_MS, rawRequest, startTestApi, type TestApi } from '../testing/start-test-api.ts';

const groups: readonly GroupStatus[] = [
  {
    name: 'disk',
    file: 'capacity.yml',
    intervalSeconds: 10,
    limit: 0,
    evaluationSeconds: 0.001,
    lastEvaluationMs: NOW_MS,
    iterationsMissed: 0,
    rules: [
      {
        kind: 'alerting',
        name: 'Full',
        expression: 'disk_used > 0.9',
        labels: { severity: 'critical' },
        annotations: { summary: 'full' },
        health: 'ok',
        lastError: null,
        evaluationSeconds: 0.0005,
        lastEvaluationMs: NOW_MS,
        forSeconds: 60,
        keepFiringForSeconds: 0,
        alerts: [
          {
            labels: { alertname: 'Full', severity: 'critical' },
            annotations: { summary: 'full' },
            state: 'pending',
            activeAtMs: NOW_MS,
            keepFiringSinceMs: null,
            value: 0.95,
          },
        ],
      },
      {
        kind: 'recording',
        name: 'disk:max',
        expression: 'max(disk_used)',
        labels: {},
        health: 'err',
        lastError: 'boom',
        evaluationSeconds: 0,
        lastEvaluationMs: null,
      },
    ],
  },
];

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi(() => ({ rules: { groups: () => groups } }));
  const refs = api.store.internSeries([
    Labels.of({ __name__: 'disk_used', job: 'node', instance: 'b', path: '/' }),
    Labels.of({ __name__: 'disk_used', job: 'node', instance: 'a', path: '/var "x" <é>' }),
    Labels.of({ __name__: 'up', job: 'node', instance: 'a', 'dotted.name': 'yes' }),
  ]);
  await api.store.appendSamples({
    refs,
    timestampsMs: Float64Array.of(NOW_MS, NOW_MS, NOW_MS - 3_600_000),
    values: Float64Array.of(0.5, 0.25, 1),
  }).durable;
  api.store.setMetadata([
    { family: 'disk_used', type: 'gauge', help: 'Used.', unit: '' },
    { family: 'requests_total', type: 'counter', help: 'Requests.', unit: '' },
  ]);
});
afterAll(() => api[Symbol.asyncDispose]());

const get = async (target: string) => {
  const { body } = await rawRequest(`${api.url}/api/v1${target}`);
  return JSON.parse(body);
};
const encode = encodeURIComponent;
const postSeries = async (form: Record<string, string>) => {
  const { body } = await rawRequest(`${api.url}/api/v1/series`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
  });
  return JSON.parse(body);
};

describe('/series', () => {
  it('answers label sets matching any selector', async () => {
    const { status, data } = await get(`/series?match[]=${encode('disk_used{instance="a"}')}&match[]=up`);
    expect(status).toBe('success');
    expect(data).toHaveLength(2);
    expect(data).toContainEqual({ __name__: 'disk_used', job: 'node', instance: 'a', path: '/var "x" <é>' });
  });

  it('takes a form body, a time range and a limit', async () => {
    const range = { start: String(NOW_MS / 1000 - 60), end: new Date(NOW_MS).toISOString() };
    expect((await postSeries({ 'match[]': '{job="node"}', ...range })).data).toHaveLength(2);
    expect(await postSeries({ 'match[]': '{job="node"}', limit: '1' })).toMatchObject({
      data: [{ job: 'node' }],
      warnings: ['results truncated due to limit'],
    });
  });

  it.each([
    ['', 'no match[] parameter provided'],
    ['match[]={}', 'invalid parameter "match[]": match[] must contain at least one non-empty matcher'],
    ['match[]={a!="b"}', 'invalid parameter "match[]": match[] must contain at least one non-empty matcher'],
    [
      'match[]=up&start=soon',
      `invalid parameter "start": invalid time value for 'start': cannot parse "soon" to a valid timestamp`,
    ],
    ['match[]=up&limit=-1', 'invalid parameter "limit": limit must be non-negative'],
  ])('refuses "%s"', async (query, error) => {
    expect(await get(`/series?${query}`)).toEqual({ status: 'error', errorType: 'bad_data', error });
    expect((await rawRequest(`${api.url}/api/v1/series?${query}`)).status).toBe(400);
  });

  it("answers the parser's own message", async () => {
    const { error } = await get(`/series?match[]=${encode('up{')}`);
    expect(error).toMatch(/^invalid parameter "match\[\]": 1:4: parse error: /);
  });
});

describe('/labels and /label/{name}/values', () => {
  it('are sorted', async () => {
    expect((await get('/labels')).data).toEqual(['__name__', 'dotted.name', 'instance', 'job', 'path']);
    expect((await get('/label/instance/values')).data).toEqual(['a', 'b']);
    expect((await get('/label/__name__/values')).data).toEqual(['disk_used', 'up']);
    expect((await get('/label/absent/values')).data).toEqual([]);
  });

  it('narrow by selector and time', async () => {
    expect((await get('/labels?match[]=up')).data).toEqual(['__name__', 'dotted.name', 'instance', 'job']);
    expect((await get(`/label/instance/values?match[]=${encode('{path="/"}')}`)).data).toEqual(['b']);
    expect((await get(`/label/__name__/values?start=${NOW_MS / 1000 - 60}`)).data).toEqual(['disk_used']);
    expect(await get('/labels?limit=2')).toMatchObject({
      data: ['__name__', 'dotted.name'],
      warnings: ['results truncated due to limit'],
    });
  });

  it('reads names escaped for URLs', async () => {
    expect((await get('/label/U__dotted_2e_name/values')).data).toEqual(['yes']);
    expect((await get(`/label/${encode('dotted.name')}/values`)).data).toEqual(['yes']);
  });
});

describe('a selector that does not parse', () => {
  it('is told without the parameter where Prometheus does so', async () => {
    for (const where of ['/labels', '/label/job/values']) {
      expect((await get(`${where}?match[]={`)).error).toBe(
        '1:2: parse error: unexpected end of input inside braces',
      );
      expect((await get(`${where}?match[]={}`)).error).toBe(
        'match[] must contain at least one non-empty matcher',
      );
    }
  });
});

describe('/metadata', () => {
  it('groups by family', async () => {
    expect((await get('/metadata')).data).toEqual({
      disk_used: [{ type: 'gauge', help: 'Used.', unit: '' }],
      requests_total: [{ type: 'counter', help: 'Requests.', unit: '' }],
    });
    expect(Object.keys((await get('/metadata?limit=1')).data)).toHaveLength(1);
    expect(Object.keys((await get('/metadata?metric=disk_used')).data)).toEqual(['disk_used']);
    expect(await get('/metadata?limit=x')).toMatchObject({ error: 'limit must be a number' });
  });
});

describe('/rules and /alerts', () => {
  it('have the members Prometheus has', async () => {
    const { data } = await get('/rules');
    expect(data).toEqual({
      groups: [
        {
          name: 'disk',
          file: 'capacity.yml',
          interval: 10,
          limit: 0,
          evaluationTime: 0.001,
          lastEvaluation: '2026-06-01T12:00:00.000Z',
          rules: [
            {
              state: 'pending',
              name: 'Full',
              query: 'disk_used > 0.9',
              duration: 60,
              keepFiringFor: 0,
              labels: { severity: 'critical' },
              annotations: { summary: 'full' },
              alerts: [
                {
                  labels: { alertname: 'Full', severity: 'critical' },
                  annotations: { summary: 'full' },
                  state: 'pending',
                  activeAt: '2026-06-01T12:00:00.000Z',
                  value: '9.5e-01',
                },
              ],
              health: 'ok',
              evaluationTime: 0.0005,
              lastEvaluation: '2026-06-01T12:00:00.000Z',
              type: 'alerting',
            },
            {
              name: 'disk:max',
              query: 'max(disk_used)',
              health: 'err',
              lastError: 'boom',
              evaluationTime: 0,
              lastEvaluation: '0001-01-01T00:00:00Z',
              type: 'recording',
            },
          ],
        },
      ],
    });
    expect((await get('/alerts')).data.alerts).toEqual(data.groups[0].rules[0].alerts);
  });

  it.each([
    ['type=alert', ['Full']],
    ['type=record', ['disk:max']],
    ['rule_name[]=Full', ['Full']],
    ['rule_group[]=disk&file[]=capacity.yml', ['Full', 'disk:max']],
    ['match[]={severity="critical"}', ['Full']],
    ['match[]={severity=~"crit.*",team!~"red|blue"}', ['Full']],
    ['match[]={severity!="critical"}', ['disk:max']],
  ])('filter by %s', async (query, names) => {
    const { data } = await get(`/rules?${query}`);
    expect(data.groups[0].rules.map((rule: { name: string }) => rule.name)).toEqual(names);
  });

  it('leave out what does not match', async () => {
    expect((await get('/rules?rule_group[]=absent')).data).toEqual({ groups: [] });
    expect((await get('/rules?rule_name[]=absent')).data).toEqual({ groups: [] });
    expect((await get('/rules?exclude_alerts=true')).data.groups[0].rules[0].alerts).toEqual([]);
    expect(await get('/rules?type=odd')).toMatchObject({
      errorType: 'bad_data',
      error: 'invalid parameter "type": not supported value "odd"',
    });
  });
});

describe('/format_query and /parse_query', () => {
  it('format', async () => {
    const { data } = await get(`/format_query?query=${encode('sum   by(a)(rate(foo [5m]))')}`);
    expect(data).toBe('sum by (a) (rate(foo[5m]))');
    const name = 'x'.repeat(100);
    const long = await get(`/format_query?query=${encode(`sum(${name})`)}`);
    expect(long.data).toBe(`sum(\n  ${name}\n)`);
    const { error } = await get(`/format_query?query=${encode('sum(')}`);
    expect(error).toMatch(/^invalid parameter "query": 1:\d+: parse error: /);
  });
});

const selector = (name: string) => ({
  type: 'vectorSelector',
  name,
  matchers: [{ name: '__name__', type: '=', value: name }],
  offset: 0,
  offsetExpr: null,
  timestamp: null,
  startOrEnd: null,
  anchored: false,
  smoothed: false,
});

describe('/parse_query', () => {
  it.each([
    ['a', selector('a')],
    ['(1m)', { type: 'parenExpr', expr: { type: 'numberLiteral', val: '60' } }],
    ['-a', { type: 'unaryExpr', op: '-', expr: selector('a') }],
    [
      'a unless on(x) b',
      {
        type: 'binaryExpr',
        op: 'unless',
        lhs: selector('a'),
        rhs: selector('b'),
        matching: {
          card: 'many-to-many',
          labels: ['x'],
          on: true,
          include: [],
          fillValues: { lhs: null, rhs: null },
        },
        bool: false,
      },
    ],
    [
      'round(a @ end())',
      {
        type: 'call',
        func: { name: 'round', argTypes: ['vector', 'scalar'], variadic: 1, returnType: 'vector' },
        args: [{ ...selector('a'), startOrEnd: 'end' }],
      },
    ],
    [
      'topk without(x) (3, a @ 5)',
      {
        type: 'aggregation',
        op: 'topk',
        expr: { ...selector('a'), timestamp: 5_000 },
        param: { type: 'numberLiteral', val: '3' },
        grouping: ['x'],
        without: true,
      },
    ],
  ])('shows the tree of %s as Prometheus does', async (query, tree) => {
    expect((await get(`/parse_query?query=${encode(query)}`)).data).toEqual(tree);
  });
});

describe('status', () => {
  it('has the members clients read', async () => {
    expect((await get('/status/buildinfo')).data).toMatchObject({ version: '0.0.0-test' });
    expect((await get('/status/flags')).data).toEqual({ 'storage.path': './data' });
    expect((await get('/status/config')).data).toEqual({ yaml: 'rule_files: []\n' });
    expect((await get('/status/runtimeinfo')).data).toMatchObject({
      startTime: '2026-06-01T11:59:00.000Z',
      reloadConfigSuccess: true,
      storageRetention: '30d',
    });
    expect((await get('/status/tsdb?limit=1')).data).toMatchObject({
      headStats: { numSeries: expect.any(Number) },
      seriesCountByMetricName: [{ name: 'disk_used', value: 2 }],
    });
    expect((await get('/status/tsdb/blocks')).data).toEqual({ blocks: [] });
  });

  it("says in Prometheus' form that it cannot be administered", async () => {
    const { status, body } = await rawRequest(`${api.url}/api/v1/admin/tsdb/snapshot`, { method: 'POST' });
    expect(status).toBe(503);
    expect(JSON.parse(body)).toMatchObject({ status: 'error', errorType: 'unavailable' });
  });
});

const specification = path.resolve(
  import.meta.dirname,
  '../../../../../../shared/conformance/prometheus-http-api.openapi.yaml',
);

/** What a query client does not use: administration, other ingestion, and the search that is not released. */
const NOT_FOR_CLIENTS =
  /^\/(?:admin|otlp|search|read|write|scrape_pools\/config|targets\/relabel_steps|status\/self_metrics)/;

describe.skipIf(!existsSync(specification))("Prometheus' own description of its API", () => {
  const document: { paths: Record<string, Record<string, unknown>> } = existsSync(specification)
    ? parse(readFileSync(specification, 'utf8'))
    : { paths: {} };
  const operations = Object.entries(document.paths)
    .filter(([route]) => !NOT_FOR_CLIENTS.test(route))
    .flatMap(([route, methods]) =>
      Object.keys(methods).map((method) => [method.toUpperCase(), route] as const),
    );

  it.each(operations)('%s %s is there and answers in its form', async (method, route) => {
    const { status, body } = await rawRequest(`${api.url}/api/v1${route.replace('{name}', 'job')}`, {
      method,
      headers: method === 'POST' ? { 'content-type': 'application/x-www-form-urlencoded' } : {},
    });
    expect([200, 400]).toContain(status);
    expect(JSON.parse(body).status).toBe(status === 200 ? 'success' : 'error');
  });
});
