import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startHttpServer } from './start-http-server.ts';
import { rawRequest, startTestApi, type TestApi, uiDirectory } from './testing/start-test-api.ts';

let api: TestApi;
let ready = false;
beforeAll(async () => {
  api = await startTestApi(
    () => ({ isReady: () => ready }),
    async (directory) => {
      const ui = uiDirectory(directory);
      await mkdir(path.join(ui, 'assets'));
      await writeFile(path.join(ui, 'index.html'), '<!doctype html><title>Plimsoll</title>');
      await writeFile(path.join(ui, 'assets/app-Bq3xY7zK.js'), `export {};${' '.repeat(5_000)}`);
      await writeFile(path.join(directory, 'secret.txt'), 'outside the UI');
    },
  );
});
afterAll(() => api[Symbol.asyncDispose]());

describe('operations', () => {
  it('is healthy at once and ready when it says so', async () => {
    expect((await rawRequest(`${api.url}/-/healthy`)).status).toBe(200);
    expect((await rawRequest(`${api.url}/-/ready`)).status).toBe(503);
    ready = true;
    expect((await rawRequest(`${api.url}/-/ready`)).status).toBe(200);
  });

  it('shows its metrics', async () => {
    const { status, headers, body } = await rawRequest(`${api.url}/metrics`);
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(body).toContain('plimsoll_http_requests_refused_total');
    expect(body).toContain('plimsoll_http_requests_total{surface="operations",code="200"}');
  });

  it('describes every route of ours as OpenAPI 3.1', async () => {
    const document: { openapi: string; paths: Record<string, unknown> } = JSON.parse(
      (await rawRequest(`${api.url}/api/openapi.json`)).body,
    );
    expect(document.openapi).toBe('3.1.0');
    const paths = Object.keys(document.paths).map((one) => one.replace('/api/plimsoll/v1', ''));
    expect(paths).toEqual(
      expect.arrayContaining([
        '/incidents',
        '/incidents/{id}',
        ...['acknowledge', 'assign', 'notes', 'hold', 'resume', 'resolve', 'priority'].map(
          (verb) => `/incidents/{id}/${verb}`,
        ),
        '/problems',
        '/problems/{id}',
        '/services',
        '/services/{name}',
        '/hosts',
        '/hosts/{instance}',
        '/capacity/filesystems',
        '/capacity/filesystems/forecast',
        '/status',
        '/events',
      ]),
    );
  });

  it('answers 404 as a problem for what is not there', async () => {
    for (const where of ['/api/absent', '/api/plimsoll/v1/absent', '/assets/absent-12345678.js']) {
      const answer = await rawRequest(`${api.url}${where}`);
      expect(answer.status).toBe(404);
      expect(JSON.parse(answer.body)).toMatchObject({ code: 'not_found', status: 404 });
    }
  });

  it('names a port that is in use', async () => {
    const port = Number(new URL(api.url).port);
    await expect(
      startHttpServer({ app: { fetch: () => new Response() }, listenAddress: { host: '127.0.0.1', port } }),
    ).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining(`127.0.0.1:${port}: the port is in use`),
    });
  });
});

describe('the UI', () => {
  it.each(['/', '/query', '/incidents/7', '/hosts/web-1.example.org'])('%s is its page', async (page) => {
    const { status, headers, body } = await rawRequest(`${api.url}${page}`);
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['cache-control']).toBe('no-cache');
    expect(body).toContain('<title>Plimsoll</title>');
  });

  it('is a note where it was not built', async () => {
    await using bare = await startTestApi();
    const { status, body } = await rawRequest(`${bare.url}/query`);
    expect(status).toBe(200);
    expect(body).toContain('/api/openapi.json');
  });

  it('lets hashed assets be kept for ever, compressed', async () => {
    const { headers, status } = await rawRequest(`${api.url}/assets/app-Bq3xY7zK.js`, {
      headers: { 'accept-encoding': 'br, gzip' },
    });
    expect(status).toBe(200);
    expect(headers['content-encoding']).toBe('gzip');
    expect(headers['cache-control']).toContain('immutable');
    expect(Number(headers['content-length'])).toBeLessThan(200);
  });

  it('answers 304 to who has it', async () => {
    const first = await rawRequest(`${api.url}/`);
    const again = await rawRequest(`${api.url}/`, {
      headers: { 'if-none-match': String(first.headers.etag) },
    });
    expect(again).toMatchObject({ status: 304, body: '' });
  });

  it.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/assets/../../secret.txt',
    '/..\\secret.txt',
  ])('reaches nothing outside its directory by %s', async (where) => {
    expect((await rawRequest(`${api.url}${where}`)).body).not.toContain('outside the UI');
  });
});

describe('gzip', () => {
  it('compresses long answers for clients that take it', async () => {
    const plain = await fetch(`${api.url}/api/openapi.json`, { headers: { 'accept-encoding': 'identity' } });
    const text = await plain.text();
    expect(plain.headers.get('content-encoding')).toBeNull();
    const compressed = await rawGzip(`${api.url}/api/openapi.json`);
    expect(compressed.text).toBe(text);
    expect(compressed.bytes).toBeLessThan(text.length / 3);
  });
});

async function rawGzip(url: string): Promise<{ text: string; bytes: number }> {
  const { default: http } = await import('node:http');
  const chunks: Buffer[] = await new Promise((resolve, reject) => {
    http.get(url, { headers: { 'accept-encoding': 'gzip' } }, (answer) => {
      const parts: Buffer[] = [];
      expect(answer.headers['content-encoding']).toBe('gzip');
      answer
        .on('data', (part: Buffer) => parts.push(part))
        .on('end', () => resolve(parts))
        .on('error', reject);
    });
  });
  const body = Buffer.concat(chunks);
  return { text: gunzipSync(body).toString(), bytes: body.length };
}

describe('the token file', () => {
  it('is not served', async () => {
    const token = await readFile(path.join(api.directory, 'admin-token'), 'utf8');
    expect((await rawRequest(`${api.url}/admin-token`)).body).not.toContain(token.trim());
  });
});
