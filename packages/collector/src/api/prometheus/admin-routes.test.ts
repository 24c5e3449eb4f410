import { Labels } from '@plimsoll/promql';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { NOW_MS, startTestApi, type TestApi } from '../testing/start-test-api.ts';

const START_MS = NOW_MS - 100_000;

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
  const names = ['gone', 'kept'];
  const refs = api.store.internSeries(names.map((name) => Labels.of({ __name__: name })));
  for (let i = 0; i < 10; i++) {
    await api.store.appendSamples({
      refs,
      timestampsMs: new Float64Array(names.length).fill(START_MS + i * 10_000),
      values: new Float64Array(names.length).fill(i),
    }).durable;
  }
});
afterAll(() => api[Symbol.asyncDispose]());

async function admin(
  path: string,
  form: readonly (readonly [string, string])[] = [],
  headers: Record<string, string> = { authorization: `Bearer ${api.adminToken}` },
) {
  const answer = await fetch(`${api.url}/api/v1/admin/tsdb/${path}`, {
    method: 'POST',
    headers,
    body: new URLSearchParams(form.map(([name, value]) => [name, value])),
  });
  return { status: answer.status, body: await answer.text() };
}

const values = async () => {
  const found = await api.store.select({ matchers: [], startMs: 0, endMs: NOW_MS });
  return Object.fromEntries(found.map((series) => [series.labels.name, [...series.values]]));
};

it('deletes what is asked for, and cleans up', async () => {
  const answer = await admin('delete_series', [
    ['match[]', 'gone'],
    ['match[]', '{__name__=~"none.*"}'],
    ['start', String((START_MS + 20_000) / 1000)],
    ['end', new Date(START_MS + 70_000).toISOString()],
  ]);
  expect(answer).toEqual({ status: 204, body: '' });
  const expected = { gone: [0, 1, 8, 9], kept: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] };
  expect(await values()).toEqual(expected);
  expect(await admin('clean_tombstones')).toEqual({ status: 204, body: '' });
  expect(await values()).toEqual(expected);
});

it('needs the local admin token', async () => {
  for (const path of ['delete_series', 'clean_tombstones']) {
    const { status, body } = await admin(path, [['match[]', 'kept']], {});
    expect(status).toBe(403);
    expect(JSON.parse(body)).toMatchObject({
      status: 'error',
      errorType: 'forbidden',
      error: expect.stringContaining('needs the local admin token'),
    });
  }
  expect((await values())['kept']).toHaveLength(10);
});

it.each([
  [[], 'no match[] parameter provided'],
  [[['match[]', '{']], 'invalid parameter "match[]": '],
  [
    [
      ['match[]', 'kept'],
      ['start', 'soon'],
    ],
    'invalid parameter "start": ',
  ],
] as const)('refuses %j', async (form, message) => {
  const { status, body } = await admin('delete_series', form);
  expect([status, body]).toEqual([400, expect.stringContaining(JSON.stringify(message).slice(1, -1))]);
});
