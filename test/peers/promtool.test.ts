import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getJson, type Program } from '../support/program.ts';
import { newestPrometheus, prometheusPrograms } from '../support/prometheus-programs.ts';
import { type Ran, runCounterpart } from '../support/run-counterpart.ts';
import {
  END_SECONDS,
  knownOf,
  START_SECONDS,
  startWithKnownSamples,
  STEP_SECONDS,
} from './support/known-samples.ts';

const SELECTOR = '{job="known"}';
const WINDOW = [`--start=${START_SECONDS}`, `--end=${END_SECONDS}`];

let program: Program;
beforeAll(async () => {
  program = await startWithKnownSamples();
});
afterAll(async () => program[Symbol.asyncDispose]());

const printed = (lines: readonly string[]): Ran => ({
  code: 0,
  output: lines.map((line) => `${line}\n`).join(''),
});

describe.for(await prometheusPrograms('promtool'))('$name', ({ program: promtool }) => {
  const run = async (...args: string[]): Promise<Ran> => runCounterpart(promtool, args);
  const isMissing = 'missing' in promtool;

  it.skipIf(isMissing)("finds nothing to complain about on the collector's page", async () => {
    const page = await (await fetch(`${program.web}/metrics`)).text();
    expect(await runCounterpart(promtool, ['check', 'metrics'], page)).toEqual(printed([]));
  });

  it.skipIf(isMissing)('asks for an instant', async () => {
    const at = `--time=${END_SECONDS}`;
    expect(await run('query', 'instant', at, program.web, SELECTOR)).toEqual(
      printed([
        `odd_values{job="known"} => -0 @[${END_SECONDS}]`,
        `requests_total{code="200", instance="a", job="known"} => 200 @[${END_SECONDS}]`,
        `requests_total{code="500", instance="b", job="known"} => 20 @[${END_SECONDS}]`,
        String.raw`temperature_celsius{job="known", room="a \"großer\"\nRaum \\ 🌡"} => 25 @[${END_SECONDS}]`,
      ]),
    );
    const json = await run('query', 'instant', '--format=json', at, program.web, 'requests_total');
    expect(JSON.parse(json.output)).toEqual(
      knownOf('requests_total').map(({ metric, values }) => ({ metric, value: values.at(-1) })),
    );
    expect(await run('query', 'instant', program.web, 'sum(')).toEqual({
      code: 1,
      output: expect.stringContaining('parse error: unclosed left parenthesis'),
    });
  });

  it.skipIf(isMissing)('asks for a range', async () => {
    const query = 'requests_total{code="500"}';
    expect(await run('query', 'range', ...WINDOW, '--step=5m', program.web, query)).toEqual(
      printed([
        'requests_total{code="500", instance="b", job="known"} =>',
        ...[0, 1, 2].map((i) => `${10 * i} @[${START_SECONDS + 300 * i}]`),
      ]),
    );
  });

  it.skipIf(isMissing)('asks for series and labels', async () => {
    expect(await run('query', 'series', ...WINDOW, `--match=${SELECTOR}`, program.web)).toEqual(
      printed([
        '{__name__="odd_values", job="known"}',
        '{__name__="requests_total", code="200", instance="a", job="known"}',
        '{__name__="requests_total", code="500", instance="b", job="known"}',
        String.raw`{__name__="temperature_celsius", job="known", room="a \"großer\"\nRaum \\ 🌡"}`,
      ]),
    );
    expect(await run('query', 'labels', ...WINDOW, `--match=${SELECTOR}`, program.web, 'instance')).toEqual(
      printed(['a', 'b']),
    );
  });

  it.skipIf(isMissing)('records rules backwards from our samples', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-promtool-'));
    await using _ = { [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) };
    const rules = path.join(directory, 'rules.yml');
    const blocks = path.join(directory, 'blocks');
    const sum = `sum by (job) (requests_total${SELECTOR})`;
    await writeFile(rules, `groups: [{name: g, rules: [{record: 'job:requests', expr: '${sum}'}]}]\n`);
    const into = [`--url=${program.web}`, `--output-dir=${blocks}`, '--eval-interval=5m', rules];
    expect(await run('tsdb', 'create-blocks-from', 'rules', ...WINDOW, ...into)).toMatchObject({ code: 0 });
    // The dump reads whole data directories only.
    await mkdir(path.join(blocks, 'wal'));
    const lines = (await run('tsdb', 'dump', blocks)).output.trim().split('\n');
    // Where in the interval a group is evaluated depends on its file's path: twice or three times in ten minutes.
    expect(lines.length).toBeGreaterThanOrEqual(2);
    for (const line of lines) {
      const timeMs = Number(line.split(' ').at(-1));
      const points = Math.floor((timeMs / 1000 - START_SECONDS) / STEP_SECONDS);
      expect(line).toBe(`{__name__="job:requests", job="known"} ${11 * points} ${timeMs}`);
    }
  });
});

const newest = await newestPrometheus('promtool');

describe.skipIf('missing' in newest)('what only a newer promtool does', () => {
  it('finds the server healthy and ready', async () => {
    for (const state of ['healthy', 'ready']) {
      expect(await runCounterpart(newest, ['check', state, `--url=${program.web}`])).toMatchObject({
        code: 0,
        output: expect.stringContaining('SUCCESS'),
      });
    }
  });

  it('pushes metrics', async () => {
    const page = '# HELP pushed_total Pushed.\n# TYPE pushed_total counter\npushed_total{a="b"} 12.5\n';
    expect(await runCounterpart(newest, ['push', 'metrics', program.web], page)).toMatchObject({ code: 0 });
    const { data } = await getJson<{ data: unknown }>(`${program.web}/api/v1/query?query=pushed_total`);
    expect(data).toMatchObject({
      result: [{ metric: { a: 'b', job: 'promtool' }, value: [expect.any(Number), '12.5'] }],
    });
    expect(await getJson<object>(`${program.web}/api/v1/metadata?metric=pushed_total`)).toMatchObject({
      data: { pushed_total: [{ type: 'counter', help: 'Pushed.' }] },
    });
  });

  it('analyses histograms', async () => {
    const histogram = 'plimsoll_http_request_duration_seconds_bucket';
    const wanted = [`--server=${program.web}`, '--type=histogram', `--match=${histogram}`];
    expect(await runCounterpart(newest, ['query', 'analyze', ...wanted])).toMatchObject({ code: 0 });
  });
});
