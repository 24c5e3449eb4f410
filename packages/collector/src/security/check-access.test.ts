import { describe, expect, it } from 'vitest';
import { type AccessRequest, checkAccess } from './check-access.ts';

const plain: AccessRequest = {
  method: 'GET',
  path: '/api/v1/query',
  host: '127.0.0.1:9720',
  origin: null,
  secFetchSite: null,
  contentType: null,
};
const statusOf = (change: Partial<AccessRequest>, externalUrl: string | null = null) =>
  checkAccess({ ...plain, ...change }, externalUrl)?.status ?? 200;

describe('checkAccess: Host', () => {
  it.each(['localhost', 'LOCALHOST:9720', '127.0.0.1', '127.0.0.1:1', '[::1]', '[::1]:9720'])(
    'takes %s',
    (host) => {
      expect(statusOf({ host })).toBe(200);
    },
  );

  it.each([
    null,
    '',
    'example.org',
    'localhost.example.org',
    '127.0.0.1.nip.io:9720',
    '127.0.0.2:9720',
    '0.0.0.0:9720',
    '192.168.1.5:9720',
    '[::2]:9720',
    'user@localhost:9720',
    'localhost:9720:1',
    'localhost ',
  ])('refuses %s', (host) => {
    expect(statusOf({ host })).toBe(403);
  });

  it('takes the host of the external URL, with its port only', () => {
    expect(statusOf({ host: 'mon.example.org' }, 'https://mon.example.org/')).toBe(200);
    expect(statusOf({ host: 'mon.example.org:443' }, 'https://mon.example.org/')).toBe(200);
    expect(statusOf({ host: 'mon.example.org:8443' }, 'https://mon.example.org/')).toBe(403);
    expect(statusOf({ host: 'evil.example.org' }, 'https://mon.example.org/')).toBe(403);
  });
});

describe('checkAccess: Origin', () => {
  it.each(['http://127.0.0.1:9720', 'http://localhost:9720', 'http://[::1]:9720'])('takes %s', (origin) => {
    expect(statusOf({ origin })).toBe(200);
    expect(statusOf({ origin, method: 'POST' })).toBe(200);
  });

  it.each([
    'null',
    '',
    'http://example.org',
    'http://localhost:3000',
    'http://localhost',
    'https://localhost:9720',
    'http://localhost:9720.example.org',
    'file://',
    'chrome-extension://abc',
  ])('refuses %s for every method and path', (origin) => {
    for (const method of ['GET', 'POST', 'HEAD', 'OPTIONS']) {
      for (const path of ['/', '/api/plimsoll/v1/events', '/api/v1/query', '/metrics']) {
        expect(statusOf({ origin, method, path })).toBe(403);
      }
    }
  });

  it('takes the external URL as an origin, not its host under another scheme', () => {
    const external = 'https://mon.example.org/';
    const host = 'mon.example.org';
    expect(statusOf({ host, origin: 'https://mon.example.org' }, external)).toBe(200);
    expect(statusOf({ host, origin: 'http://mon.example.org' }, external)).toBe(403);
  });
});

describe('checkAccess: Sec-Fetch-Site', () => {
  it.each([
    ['cross-site', 403],
    ['Cross-Site', 403],
    ['same-origin', 200],
    ['none', 200],
  ])('%s gives %d', (secFetchSite, status) => {
    expect(statusOf({ secFetchSite })).toBe(status);
  });
});

describe('checkAccess: media type of our writes', () => {
  const write = { method: 'POST', path: '/api/plimsoll/v1/incidents' };

  it.each(['application/json', 'Application/JSON; charset=utf-8'])('takes %s', (contentType) => {
    expect(statusOf({ ...write, contentType })).toBe(200);
  });

  it.each([
    null,
    '',
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'application/jsonx',
  ])('refuses %s', (contentType) => {
    expect(statusOf({ ...write, contentType })).toBe(415);
    expect(statusOf({ ...write, method: 'DELETE', contentType })).toBe(415);
  });

  it('asks nothing of reads and of other APIs', () => {
    expect(statusOf({ path: write.path })).toBe(200);
    expect(statusOf({ method: 'POST', path: '/api/v1/query', contentType: null })).toBe(200);
  });
});
