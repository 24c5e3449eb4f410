import { request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { counter, gauge, seriesOf } from '../frame/series.ts';
import { SeriesTable } from '../frame/series-table.ts';
import { type Page, startPage } from './start-page.ts';
import { TextPage } from './text-page.ts';

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: Buffer;
}

describe('the text page', () => {
  it('writes families sorted, headed once, with labels and numbers escaped as the format asks', () => {
    const table = new SeriesTable();
    const second = table.add(
      seriesOf([gauge('b', 'Back\\slash\nand line.')], { path: 'C:\\x "y"\nz', empty: '' }),
    );
    const first = table.add(seriesOf([counter('a_total', 'A.')]));
    const gap = table.add(seriesOf([gauge('c', 'C.')]));
    table.begin();
    table.set(first, Number.POSITIVE_INFINITY);
    table.set(second, Number.NaN);
    expect(gap).toBeGreaterThan(0);
    expect(new TextPage(table).render()).toBe(
      [
        '# HELP a_total A.',
        '# TYPE a_total counter',
        'a_total +Inf',
        String.raw`# HELP b Back\\slash\nand line.`,
        '# TYPE b gauge',
        String.raw`b{empty="",path="C:\\x \"y\"\nz"} NaN`,
        '',
      ].join('\n'),
    );
  });

  it('follows series that come and go', () => {
    const table = new SeriesTable();
    const page = new TextPage(table);
    const first = table.add(seriesOf([gauge('a', 'A.')]));
    table.set(first, 1);
    expect(page.render()).toContain('a 1');
    table.remove(first, 1);
    expect(page.render()).toBe('');
  });
});

describe("the agent's page", () => {
  let page: Page;
  let ready = true;
  beforeEach(async () => {
    page = await startPage({
      listenAddress: '127.0.0.1:0',
      metrics: () => Promise.resolve('a 1\n'),
      isReady: () => ready,
    });
  });
  afterEach(() => page[Symbol.asyncDispose]());

  function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const outgoing = request(new URL(path, page.url), { headers, method }, (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(pieces),
          }),
        );
      });
      outgoing.on('error', reject);
      outgoing.end();
    });
  }

  it('serves metrics as Prometheus asks for them, compressed on demand', async () => {
    const plain = await get('/metrics');
    expect(plain.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(plain.body.toString()).toBe('a 1\n');
    const compressed = await get('/metrics?x=1', { 'accept-encoding': 'gzip, br' });
    expect(compressed.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(compressed.body).toString()).toBe('a 1\n');
  });

  it('tells its health, and its readiness as it changes', async () => {
    expect((await get('/-/healthy')).status).toBe(200);
    expect((await get('/-/ready')).status).toBe(200);
    ready = false;
    expect((await get('/-/ready')).status).toBe(503);
    ready = true;
    expect((await get('/elsewhere')).status).toBe(404);
    expect((await get('/metrics', {}, 'POST')).status).toBe(405);
  });

  it.each([
    ['a foreign host', { host: 'evil.example:9722' }],
    ['a foreign host that begins like ours', { host: 'localhost.evil.example' }],
    ['a foreign origin', { origin: 'http://evil.example' }],
    ['a null origin', { origin: 'null' }],
    ['a cross-site request', { 'sec-fetch-site': 'cross-site' }],
  ])('refuses %s', async (_, headers) => {
    expect((await get('/metrics', headers)).status).toBe(403);
  });

  it.each(['localhost:9', '127.0.0.1', '[::1]:9722', 'LOCALHOST'])('answers the host %s', async (host) => {
    expect((await get('/metrics', { host })).status).toBe(200);
  });

  it('refuses to listen where others could reach it, and says so of an address in use', async () => {
    const parts = { metrics: () => Promise.resolve(''), isReady: () => true };
    await expect(startPage({ ...parts, listenAddress: '0.0.0.0:0' })).rejects.toMatchObject({ exitCode: 78 });
    const taken = new URL(page.url).host;
    await expect(startPage({ ...parts, listenAddress: taken })).rejects.toThrow(taken);
  });
});
