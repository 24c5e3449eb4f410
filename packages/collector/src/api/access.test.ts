import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rawRequest, startTestApi, type TestApi } from './testing/start-test-api.ts';

let api: TestApi;
let reloads = 0;
beforeAll(async () => {
  api = await startTestApi(() => ({
    reload: async () => {
      reloads++;
    },
  }));
});
afterAll(() => api[Symbol.asyncDispose]());

const PATHS = [
  '/',
  '/query',
  '/metrics',
  '/-/healthy',
  '/-/ready',
  '/api/openapi.json',
  '/api/v1/labels',
  '/api/plimsoll/v1/hosts',
  '/api/plimsoll/v1/events',
  '/absent',
];

describe('access rules over the socket', () => {
  it.each(PATHS)('%s refuses foreign hosts and origins, whatever proxies say', async (path) => {
    const url = `${api.url}${path}`;
    const host = new URL(api.url).host;
    const foreign: Record<string, string>[] = [
      { host: 'evil.example' },
      { host: 'evil.example', 'x-forwarded-host': host, forwarded: `host=${host}` },
      { host, origin: 'http://evil.example' },
      { host, origin: 'null' },
      { host, origin: 'http://localhost:1' },
      { host, 'sec-fetch-site': 'cross-site' },
      { host, origin: `http://${host}`, 'sec-fetch-site': 'cross-site' },
    ];
    for (const headers of foreign) {
      const answer = await rawRequest(url, { headers });
      expect(answer.status).toBe(403);
      expect(answer.headers['content-type']).toBe('application/problem+json');
      expect(JSON.parse(answer.body)).toMatchObject({ status: 403, code: 'permission_denied' });
    }
  });

  it('never answers with CORS headers, also not to a preflight', async () => {
    const preflight = await rawRequest(`${api.url}/api/v1/query`, {
      method: 'OPTIONS',
      headers: { origin: 'http://evil.example', 'access-control-request-method': 'POST' },
    });
    expect(preflight.status).toBe(403);
    const own = await rawRequest(`${api.url}/api/v1/labels`, { headers: { origin: api.url } });
    expect(own.status).toBe(200);
    for (const answer of [preflight, own]) {
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  it('sends the security headers with every answer', async () => {
    for (const path of PATHS.filter((one) => !one.endsWith('/events'))) {
      const { headers } = await rawRequest(`${api.url}${path}`);
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['x-frame-options']).toBe('DENY');
    }
  });

  it('takes the external host when configured', async () => {
    await using external = await startTestApi(() => ({ externalUrl: 'https://mon.example.org/' }));
    const ask = (headers: Record<string, string>) => rawRequest(`${external.url}/-/healthy`, { headers });
    expect((await ask({ host: 'mon.example.org' })).status).toBe(200);
    expect((await ask({ host: 'mon.example.org', origin: 'https://mon.example.org' })).status).toBe(200);
    expect((await ask({ host: 'other.example.org' })).status).toBe(403);
  });
});

describe('writes', () => {
  it('need application/json', async () => {
    const url = `${api.url}/api/plimsoll/v1/incidents`;
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', undefined]) {
      const answer = await rawRequest(url, {
        method: 'POST',
        headers: type === undefined ? {} : { 'content-type': type },
        body: '{}',
      });
      expect(answer.status).toBe(415);
    }
  });

  it('answer a body that is no JSON, or does not fit, with 400', async () => {
    const url = `${api.url}/api/plimsoll/v1/incidents`;
    for (const body of [
      '',
      '{',
      '[]',
      '"x"',
      '{"title":1}',
      '{"title":"a","service":"b","severity":"info","more":1}',
    ]) {
      const answer = await rawRequest(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      expect(answer.status).toBe(400);
      expect(JSON.parse(answer.body)).toMatchObject({ code: 'invalid_argument' });
    }
  });

  it('refuse a body over the limit', async () => {
    const answer = await rawRequest(`${api.url}/api/plimsoll/v1/incidents/1/notes`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text: 'x'.repeat(300_000) }),
    });
    expect(answer.status).toBe(413);
  });
});

const reload = (headers: Record<string, string>) =>
  rawRequest(`${api.url}/-/reload`, { method: 'POST', headers });

describe('the admin token', () => {
  it('is needed to reload', async () => {
    expect((await reload({})).status).toBe(403);
    expect((await reload({ authorization: 'Bearer wrong' })).status).toBe(401);
    expect(reloads).toBe(0);
    expect((await reload({ authorization: `Bearer ${api.adminToken}` })).status).toBe(200);
    expect(reloads).toBe(1);
  });

  it('does not replace the access rules', async () => {
    const headers = { authorization: `Bearer ${api.adminToken}`, origin: 'http://evil.example' };
    expect((await reload(headers)).status).toBe(403);
    expect(reloads).toBe(1);
  });
});
