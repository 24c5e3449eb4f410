import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Collector, loadConfig, startCollector } from '@plimsoll/collector';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { main } from './main.ts';

let directory: string;
let collector: Collector;
let out: string[];
let errors: string[];

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-client-'));
  const flags = {
    'storage.path': directory,
    'web.listen-address': '127.0.0.1:0',
    'grpc.listen-address': '127.0.0.1:0',
  };
  const load = () => loadConfig({ flags, env: {}, readFile: (file) => readFile(file, 'utf8') });
  collector = await startCollector({
    config: await load(),
    reloadConfig: load,
    runtime: { now: Date.now, log: pino({ level: 'silent' }), metrics: new Registry() },
    webDirectory: directory,
  });
  await writeFile(path.join(directory, 'addresses.json'), JSON.stringify({ web: collector.webUrl }));
});
afterAll(async () => {
  await collector[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});
beforeEach(() => {
  out = [];
  errors = [];
  vi.spyOn(console, 'log').mockImplementation((text: string) => void out.push(text));
  vi.spyOn(console, 'error').mockImplementation((text: string) => void errors.push(text));
});
afterEach(() => vi.restoreAllMocks());

const run = (...args: string[]) => main([...args, `--storage.path=${directory}`]);
const json = async (...args: string[]) => {
  out = [];
  expect(await run(...args, '--output=json')).toBe(0);
  return JSON.parse(out.join('\n'));
};

const reload = (authorization: string) =>
  fetch(new URL('/-/reload', collector.webUrl), { method: 'POST', headers: { authorization } });

describe('clients of a running collector', () => {
  it('work on an incident from open to resolved', async () => {
    const opened = await json(
      'incident',
      'open',
      'Printer on fire',
      '--service=this-host',
      '--severity=critical',
    );
    const id = String(opened.number);
    expect(await run('incident', 'acknowledge', id, '--note', 'on my way')).toBe(0);
    expect(await json('incident', 'assign', id, 'alice')).toMatchObject({ assignee: 'alice' });
    expect(await json('incident', 'hold', id, 'waits for parts', '--reason=vendor')).toMatchObject({
      state: 'on_hold',
    });
    await json('incident', 'resume', id);
    await json('incident', 'note', id, 'it burns');
    out = [];
    expect(await run('incident', 'list')).toBe(0);
    expect(out[0]).toMatch(/^NUMBER +PRIORITY +STATE/);
    expect(out[0]).toContain('Printer on fire');
    expect(await json('incident', 'resolve', id, '--note=water')).toMatchObject({ state: 'resolved' });
    expect(await json('incident', 'list', '--state=resolved')).toMatchObject({
      items: [{ number: opened.number }],
    });
  });

  it('say in one line what came of a verb, and whether anything did', async () => {
    const said = async (...args: string[]) => {
      out = [];
      expect(await run('incident', ...args)).toBe(0);
      return out.join('\n');
    };
    const [reference = ''] = (await said('open', 'Door open', '--service=this-host')).split(' ');
    expect(out[0]).toMatch(/^INC-\d+ opened for this-host, priority P\d$/);
    expect(await said('acknowledge', reference)).toBe(`${reference} acknowledged`);
    expect(await said('acknowledge', reference)).toBe(`${reference} unchanged: it is acknowledged`);
    expect(await said('assign', reference.toLowerCase(), 'alice')).toBe(`${reference} assigned to alice`);
    expect(await said('note', reference.replace('INC-', '#'), 'a draught')).toBe(`${reference} noted`);
    expect(await said('hold', reference, 'calls back', '--reason=caller')).toBe(
      `${reference} on hold for the caller`,
    );
    expect(await said('resume', reference)).toMatch(/ resumed, /);
    expect(await said('resolve', reference, '--note=shut')).toBe(`${reference} resolved`);
    expect(await said('reopen', reference, '--note=open again')).toMatch(/ open again, /);
    expect(await said('cancel', reference, '--note=no door')).toBe(`${reference} canceled`);
    expect(await said('show', reference)).toMatch(/^INC-\d+ {2}Door open\n\nstate +canceled\n/);
    expect(out[0]).toMatch(/\nServices\n {2}this-host {2}/);
    expect(out[0]).toMatch(/\n {2}\S+ \S+ UTC {2}\S+: .*a draught/);
    expect(out[0]).not.toMatch(/[{}]/);
  });

  it("show the collector's own message when it refuses", async () => {
    expect(await run('incident', 'show', '999')).toBe(1);
    expect(await run('incident', 'assign', 'PRB-999', 'alice')).toBe(1);
    expect(errors[0]).toContain('there is no incident 999');
    expect(errors[1]).toContain('there is no incident PRB-999');
  });

  it('list services and problems', async () => {
    expect(await json('service', 'show', 'this-host')).toMatchObject({ displayName: 'This host' });
    out = [];
    expect(await run('service', 'show', 'this-host')).toBe(0);
    expect(out[0]).toMatch(/^this-host {2}This host\n\nstate +\w+\n/);
    expect(await json('problem', 'list')).toEqual({ items: [], nextCursor: null });
  });

  it('query an instant and a range', async () => {
    expect(await json('query', '1 + 1')).toMatchObject({ data: { resultType: 'scalar' } });
    out = [];
    expect(await run('query', 'vector(2) or label_replace(vector(3), "a", "b", "", "")')).toBe(0);
    expect(out[0]).toMatch(/SERIES +TIME +VALUE\n\{\} +\S+Z +2\n\{a="b"\} +\S+Z +3/);
    const range = await json('query', 'vector(1)', '--start=1700000000', '--end=1700000060', '--step=30s');
    expect(range.data.result[0].values).toHaveLength(3);
    for (const start of ['5m', '-5m'])
      expect(
        (await json('query', 'vector(1)', '--start', start, '--step=1m')).data.result[0].values,
      ).toHaveLength(6);
    const [time] = (await json('query', 'time()', '--time=1h')).data.result;
    expect(Math.abs(Date.now() / 1000 - 3600 - time)).toBeLessThan(60);
    out = [];
    expect(await run('query', 'nothing_has_this_name')).toBe(0);
    expect([out, errors.splice(0)]).toEqual([[], ['no series']]);
    expect(await run('query', 'sum(')).toBe(1);
    expect(errors[0]).toContain('parse error');
  });

  it('show what a server remarks on a query beside its answer', async () => {
    const answer = {
      status: 'success',
      data: { resultType: 'vector', result: [{ metric: { a: 'b' }, value: [1700000000, '1'] }] },
      warnings: ['one store was away'],
      infos: ['rollups of 5m were used'],
    };
    const server = createServer((_, response) => response.end(JSON.stringify(answer)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    expect(await main(['query', 'up', `--web.url=http://127.0.0.1:${port}`])).toBe(0);
    server.close();
    expect(out[0]).toContain('{a="b"}');
    expect(errors).toEqual(['warning: one store was away', 'info: rollups of 5m were used']);
  });

  it('reload with the token', async () => {
    out = [];
    expect(await run('token')).toBe(0);
    expect((await reload(`Bearer ${out[0]}`)).status).toBe(200);
    expect((await reload('Bearer other')).status).toBe(401);
  });

  it('verify the journal beside it', async () => {
    expect(await run('verify')).toBe(0);
    expect(out[0]).toMatch(/^whole: \d+ events/);
  });
});
