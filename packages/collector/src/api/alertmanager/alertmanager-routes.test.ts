import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Alertmanager, openAlertmanager } from '../../alertmanager/open-alertmanager.ts';
import { testDesk, type TestDesk } from '../../desk/testing.ts';
import { Registry } from 'prom-client';
import { NOW_MS, rawRequest, startTestApi, type TestApi } from '../testing/start-test-api.ts';

let bench: TestDesk;
let api: TestApi;
let alertmanager: Alertmanager;
beforeAll(async () => {
  bench = await testDesk();
  bench.nowMs = NOW_MS;
  api = await startTestApi((services) => {
    alertmanager = openAlertmanager({
      runtime: { ...services.runtime, metrics: new Registry() },
      desk: bench.desk,
      storagePath: bench.path,
      config: { ...services.config(), global: { evaluationIntervalMs: 1000, externalLabels: { site: 'x' } } },
      externalUrl: 'http://plimsoll.example',
    });
    return { alertmanager, desk: bench.desk };
  });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await alertmanager[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
});

const call = async (method: string, path: string, body?: unknown, type = 'application/json') => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await rawRequest(`${api.url}/api/v2/${path}`, {
    method,
    headers: body === undefined ? {} : { 'content-type': type },
    ...(text === undefined ? {} : { body: text }),
  });
  return { status: answer.status, body: answer.body === '' ? null : (JSON.parse(answer.body) as unknown) };
};
const iso = (ms: number) => new Date(ms).toISOString();
const MINUTE = 60_000;

describe('/api/v2/alerts', () => {
  it('takes alerts with an empty answer, and shows them', async () => {
    const alert = {
      labels: { severity: 'warning', alertname: 'Posted', empty: '' },
      annotations: { summary: 's' },
      startsAt: iso(NOW_MS - MINUTE),
      generatorURL: 'http://prom:9090/graph?g0.expr=up',
    };
    expect(await call('POST', 'alerts', [alert])).toEqual({ status: 200, body: null });
    expect(await call('POST', 'alerts', [alert])).toEqual({ status: 200, body: null });
    expect(await call('GET', 'alerts')).toEqual({
      status: 200,
      body: [
        {
          annotations: { summary: 's' },
          endsAt: iso(NOW_MS + 5 * MINUTE),
          fingerprint: '1c4ab2c041961c02',
          receivers: [{ name: 'desk' }],
          startsAt: iso(NOW_MS - MINUTE),
          status: { inhibitedBy: [], silencedBy: [], state: 'active' },
          updatedAt: iso(NOW_MS),
          generatorURL: 'http://prom:9090/graph?g0.expr=up',
          labels: { alertname: 'Posted', severity: 'warning' },
        },
      ],
    });
    expect(bench.desk.incidents().items).toMatchObject([{ rule: { name: 'Posted' }, expression: 'up' }]);
  });

  it.each([
    ['[{"labels":{}}]', 400, 'at least one label pair required'],
    ['[{"labels":{"a":""}}]', 400, 'at least one label pair required'],
    [
      '[{"labels":{"a":"b"},"startsAt":"2026-01-02T00:00:00Z","endsAt":"2026-01-01T00:00:00Z"},{"labels":{}}]',
      400,
      'start time must be before end time; at least one label pair required',
    ],
    ['[{"annotations":{}}]', 422, { code: 602, message: '0.labels in body is required' }],
    ['', 422, { code: 602, message: 'alerts in body is required' }],
  ])('refuses %s as Alertmanager does', async (body, status, answer) => {
    expect(await call('POST', 'alerts', body)).toEqual({ status, body: answer });
  });

  it.each(['{', '{}', '[{"labels":{"a":1}}]', '[{"labels":{"a":"b"},"startsAt":"yesterday"}]', 'null'])(
    'refuses %s',
    async (body) => {
      expect(await call('POST', 'alerts', body)).toMatchObject({ status: 400, body: { code: 400 } });
    },
  );

  it('takes the valid ones of a body with others', async () => {
    await call('POST', 'alerts', [{ labels: {} }, { labels: { alertname: 'Beside' } }]);
    expect(await call('GET', 'alerts?filter=alertname%3DBeside')).toMatchObject({ body: [{}] });
    await call('POST', 'alerts', [{ labels: { alertname: 'Beside' }, endsAt: iso(NOW_MS - 1) }]);
    expect(await call('GET', 'alerts?filter=alertname%3DBeside')).toMatchObject({ body: [] });
  });

  it('takes JSON only', async () => {
    expect(await call('POST', 'alerts', '[]', 'text/plain')).toMatchObject({ status: 415 });
  });

  it('shows the alerts of our own rules', async () => {
    alertmanager.note({
      kind: 'breach',
      rule: { file: 'f', group: 'g', name: 'Own' },
      expression: 'load > 1',
      labels: { alertname: 'Own' },
      annotations: {},
      value: 2,
      threshold: 1,
      onsetAtMs: NOW_MS,
      detectedAtMs: NOW_MS,
      evaluatedAtMs: NOW_MS,
      uncertaintyMs: 0,
    });
    expect(await call('GET', 'alerts?filter=alertname%3D~%22O.%2B%22')).toMatchObject({
      body: [{ labels: { alertname: 'Own', site: 'x' }, status: { state: 'active' } }],
    });
  });

  it('filters', async () => {
    const names = async (query: string) => {
      const { body } = await call('GET', `alerts?${query}`);
      return (body as { labels: Record<string, string> }[])
        .map(({ labels }) => labels['alertname'] ?? '')
        .toSorted((a, b) => a.localeCompare(b));
    };
    expect(await names('')).toEqual(['Own', 'Posted']);
    expect(await names(`filter=${encodeURIComponent('severity!="warning"')}`)).toEqual(['Own']);
    expect(await names('receiver=des.')).toEqual(['Own', 'Posted']);
    expect(await names('receiver=other')).toEqual([]);
    expect(await names('active=false')).toEqual([]);
    expect(await call('GET', 'alerts?filter=odd')).toEqual({ status: 400, body: 'bad matcher format: odd' });
    expect(await call('GET', 'alerts?receiver=(')).toMatchObject({ status: 400 });
  });

  it('groups by name', async () => {
    expect(await call('GET', 'alerts/groups')).toMatchObject({
      body: [
        { labels: { alertname: 'Own' }, receiver: { name: 'desk' }, alerts: [{}] },
        { labels: { alertname: 'Posted' }, receiver: { name: 'desk' }, alerts: [{}] },
      ],
    });
  });
});

describe('/api/v2/silences', () => {
  const silence = {
    matchers: [{ name: 'alertname', value: 'Posted', isRegex: false }],
    startsAt: iso(NOW_MS - MINUTE),
    endsAt: iso(NOW_MS + MINUTE),
    createdBy: 'ada',
    comment: 'work',
  };

  it('makes, shows and ends a silence', async () => {
    const { status, body } = await call('POST', 'silences', silence);
    expect(status).toBe(200);
    const id = (body as { silenceID: string }).silenceID;
    const shown = {
      id,
      status: { state: 'active' },
      updatedAt: iso(NOW_MS),
      comment: 'work',
      createdBy: 'ada',
      endsAt: iso(NOW_MS + MINUTE),
      matchers: [{ isEqual: true, isRegex: false, name: 'alertname', value: 'Posted' }],
      startsAt: iso(NOW_MS),
    };
    expect(await call('GET', `silence/${id}`)).toEqual({ status: 200, body: shown });
    expect(await call('GET', 'silences')).toEqual({ status: 200, body: [shown] });
    expect(await call('GET', 'alerts?active=false')).toMatchObject({
      body: [{ status: { silencedBy: [id], state: 'suppressed' } }],
    });
    expect(await call('GET', 'alerts?silenced=false')).toMatchObject({
      body: [{ labels: { alertname: 'Own' } }],
    });
    expect(await call('DELETE', `silence/${id}`)).toEqual({ status: 200, body: null });
    expect(await call('GET', `silence/${id}`)).toMatchObject({ body: { status: { state: 'expired' } } });
    expect(await call('GET', `silences?filter=alertname%3D%22Posted%22`)).toMatchObject({ body: [{ id }] });
    expect(await call('GET', `silences?filter=alertname%3D%22Other%22`)).toMatchObject({ body: [] });
  });

  it.each([
    [{ endsAt: silence.startsAt }, 400, 'Failed to create silence: start time must be before end time'],
    [
      { startsAt: iso(NOW_MS - 2 * MINUTE), endsAt: iso(NOW_MS - MINUTE) },
      400,
      "Failed to create silence: end time can't be in the past",
    ],
    [{ matchers: [] }, 422, { code: 612, message: 'matchers in body should have at least 1 items' }],
    [
      { matchers: [{ name: 'a', value: '.*', isRegex: true }] },
      400,
      'silence invalid: at least one matcher must not match the empty string',
    ],
    [{ createdBy: null }, 422, { code: 602, message: 'createdBy in body is required' }],
    [{ id: 'd5b9c1c0-0000-4000-8000-000000000000' }, 404, 'silence not found'],
  ])('refuses %o as Alertmanager does', async (changes, status, body) => {
    expect(await call('POST', 'silences', { ...silence, ...changes })).toEqual({ status, body });
  });

  it('knows no silence of another id', async () => {
    const id = 'd5b9c1c0-0000-4000-8000-000000000000';
    expect(await call('GET', `silence/${id}`)).toEqual({ status: 404, body: null });
    expect(await call('DELETE', `silence/${id}`)).toEqual({ status: 404, body: 'silence not found' });
    expect(await call('GET', 'silence/odd')).toMatchObject({ status: 422, body: { code: 601 } });
  });
});

it('tells its status and receivers', async () => {
  expect(await call('GET', 'status')).toMatchObject({
    body: { cluster: { status: 'disabled' }, versionInfo: { version: '0.0.0-test' } },
  });
  expect(await call('GET', 'receivers')).toEqual({ status: 200, body: [{ name: 'desk' }] });
  expect(await call('GET', 'nothing')).toMatchObject({ status: 404, body: { code: 404 } });
});
