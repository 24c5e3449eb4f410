import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { breach, HOUR, MINUTE, recovery, T0, testDesk, type TestDesk } from '../../desk/testing.ts';
import { rawRequest, startTestApi, type TestApi } from '../testing/start-test-api.ts';

let bench: TestDesk;
let api: TestApi;
beforeAll(async () => {
  bench = await testDesk();
  api = await startTestApi(() => ({ desk: bench.desk }));
  for (const host of ['db-1', 'db-2', 'db-3']) {
    await bench.desk.signal(
      breach(T0, { labels: { alertname: 'Full', instance: host, severity: 'warning' } }),
    );
  }
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
});

const get = async (path: string) => {
  const { status, body } = await rawRequest(`${api.url}/api/plimsoll/v1${path}`);
  return { status, json: JSON.parse(body) };
};
const post = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
  const answer = await rawRequest(`${api.url}/api/plimsoll/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: answer.status, json: JSON.parse(answer.body) };
};

describe('/incidents', () => {
  it('lists in pages', async () => {
    const first = await get('/incidents?limit=2');
    expect(first.json.items).toHaveLength(2);
    const second = await get(`/incidents?limit=2&cursor=${encodeURIComponent(first.json.nextCursor)}`);
    expect(second.json).toMatchObject({ nextCursor: null });
    const hosts = [...first.json.items, ...second.json.items].map((item) => item.labels.instance);
    expect(new Set(hosts)).toEqual(new Set(['db-1', 'db-2', 'db-3']));
  });

  it('filters', async () => {
    expect((await get('/incidents?instance=db-2')).json.items).toHaveLength(1);
    expect((await get('/incidents?state=resolved')).json.items).toHaveLength(0);
    expect((await get('/incidents?priority=P1')).json.items).toHaveLength(0);
  });

  it.each(['state=odd', 'priority=P9', 'limit=0', 'limit=x', 'limit=100000', 'cursor=!'])(
    'refuses %s',
    async (query) => {
      expect(await get(`/incidents?${query}`)).toMatchObject({
        status: 400,
        json: { code: 'invalid_argument' },
      });
    },
  );

  it('is a CSV for who asks for one, with a link to the next page', async () => {
    const url = `${api.url}/api/plimsoll/v1/incidents?limit=2`;
    const { headers, body } = await rawRequest(url, { headers: { accept: 'text/csv' } });
    expect(headers['content-type']).toBe('text/csv; charset=utf-8');
    const [heading = '', ...rows] = body.trimEnd().split('\r\n');
    expect(heading.split(',')).toEqual(expect.arrayContaining(['number', 'priority', 'sla.response.dueAt']));
    expect(rows).toHaveLength(2);
    const next = /^<(?<path>[^>]+)>; rel="next"$/.exec(String(headers.link))?.groups?.['path'];
    const rest = await rawRequest(`${api.url}${next}`, { headers: { accept: 'text/csv' } });
    expect(rest.body.trimEnd().split('\r\n')).toHaveLength(2);
    expect(rest.headers.link).toBeUndefined();
    const problem = await rawRequest(`${api.url}/api/plimsoll/v1/incidents/999`, {
      headers: { accept: 'text/csv' },
    });
    expect(problem.headers['content-type']).toBe('application/problem+json');
  });

  it('shows one by number and by id', async () => {
    const { json } = await get('/incidents/1');
    expect(json).toMatchObject({ number: 1, state: 'new' });
    expect((await get(`/incidents/${json.id}`)).json).toEqual(json);
    expect(await get('/incidents/999')).toMatchObject({ status: 404, json: { code: 'not_found' } });
  });

  it('is worked on, by name of the operator, in its timeline', async () => {
    expect((await post('/incidents/1/acknowledge', { note: 'on it' })).json).toMatchObject({
      state: 'acknowledged',
    });
    expect((await post('/incidents/1/assign', { assignee: 'alice' })).json).toMatchObject({
      assignee: 'alice',
    });
    await post('/incidents/1/notes', { text: 'disk is full of logs' });
    expect((await post('/incidents/1/hold', { reason: 'vendor', note: 'ordered' })).json.state).toBe(
      'on_hold',
    );
    expect((await post('/incidents/1/resume', {})).json.state).not.toBe('on_hold');
    const changed = await post('/incidents/1/priority', { impact: 1, urgency: 1, note: 'more hosts' });
    expect(changed.json).toMatchObject({ priority: 'P1' });
    const resolved = await post('/incidents/1/resolve', { note: 'logs rotated' });
    expect(resolved).toMatchObject({ status: 200, json: { state: 'resolved' } });
    const { timeline } = resolved.json;
    expect(timeline.map((item: { actor: { id: string } }) => item.actor.id)).toContain('operator');
    expect(JSON.stringify(timeline)).toContain('disk is full of logs');
  });

  it('refuses what is not possible', async () => {
    expect(await post('/incidents/999/acknowledge', {})).toMatchObject({ status: 404 });
    expect(await post('/incidents/2/resume', {})).toMatchObject({
      status: 409,
      json: { code: 'failed_precondition' },
    });
    expect(await post('/incidents/2/notes', { text: ' ' })).toMatchObject({ status: 400 });
    expect(await post('/incidents/2/notes', {})).toMatchObject({ status: 400 });
    expect(await post('/incidents/2/hold', { reason: 'weather', note: 'x' })).toMatchObject({ status: 400 });
    expect(await post('/incidents/2/notes', { text: 'x', id: '3' })).toMatchObject({ status: 400 });
  });

  it('is opened by hand, once for one idempotency key', async () => {
    const body = { title: 'Printer on fire', service: 'this-host', severity: 'critical' };
    const first = await post('/incidents', body, { 'idempotency-key': 'k1' });
    const second = await post('/incidents', body, { 'idempotency-key': 'k1' });
    expect(first).toMatchObject({ status: 200, json: { title: 'Printer on fire', rule: null } });
    expect(second.json.id).toBe(first.json.id);
  });
});

describe('/services and /problems', () => {
  it('show the example service', async () => {
    const { json } = await get('/services');
    expect(json).toMatchObject({ items: [{ name: 'this-host', agreed: false }], nextCursor: null });
    expect((await get('/services/this-host')).json).toEqual(json.items[0]);
    expect(await get('/services/absent')).toMatchObject({ status: 404 });
  });

  it('lists a problem that recurred, and takes its analysis', async () => {
    expect(await get('/problems')).toEqual({ status: 200, json: { items: [], nextCursor: null } });
    expect(await get('/problems/1')).toMatchObject({ status: 404 });
    const labels = { alertname: 'Full', instance: 'db-9', severity: 'warning' };
    for (let round = 0; round < 3; round++) {
      bench.nowMs += HOUR;
      await bench.desk.signal(breach(bench.nowMs, { labels }));
      bench.nowMs += MINUTE;
      await bench.desk.signal(recovery(bench.nowMs, { labels }));
    }
    expect((await get('/problems')).json.items).toMatchObject([{ number: 1, reason: 'recurrence' }]);
    expect((await get('/problems/1')).json.incidents).toHaveLength(3);
    expect((await post('/problems/1/notes', { text: 'rotates weekly' })).status).toBe(200);
    const analysis = { rootCause: 'no log rotation', workaround: 'delete old logs' };
    expect((await post('/problems/1/analysis', analysis)).json).toMatchObject(analysis);
    expect(await post('/problems/1/analysis', { rootcause: 'x' })).toMatchObject({ status: 400 });
  });
});
