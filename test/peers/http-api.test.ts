import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomOf } from '../support/budget.ts';
import { debianProgram } from '../support/debian.ts';
import { type Program, startProgram } from '../support/program.ts';
import { Dice } from './differential/dice.ts';
import { generateSeries, type TimeSpan } from './differential/generate-series.ts';
import { remoteWrite } from './differential/remote-write.ts';
import { type Prometheus, startPrometheus } from './differential/start-prometheus.ts';

const prometheus = await debianProgram('prometheus', 'prometheus');

const START_MS = Date.UTC(2026, 0, 31, 23, 0);
const SPAN: TimeSpan = { startMs: START_MS, endMs: START_MS + 1_800_000 };
const START = START_MS / 1000;
const END = SPAN.endMs / 1000;
/** The data must be the same in every run: an answer's bytes depend on it. */
const SEED = 20_260_131;

interface Request {
  readonly path: string;
  readonly parameters: Readonly<Record<string, string | readonly string[]>>;
  /** Set where the answers differ, and why; then only the status is compared. */
  readonly differs?: string;
}

const request = (path: string, parameters: Request['parameters'] = {}, differs?: string): Request => ({
  path,
  parameters,
  ...(differs === undefined ? {} : { differs }),
});
const instant = (query: string, time: number | string = END, differs?: string): Request =>
  request('query', { query, time: String(time) }, differs);
const range = (query: string, step: number | string = 60, differs?: string): Request =>
  request('query_range', { query, start: String(START), end: String(END), step: String(step) }, differs);
const window = { start: String(START), end: String(END) };

/** Debian's Prometheus is years older than the one ours follows. */
const REWORDED = 'the words of this error changed in version 3';
const UNSORTED = 'version 3 sorts series for several selectors only';

const REQUESTS: readonly Request[] = [
  instant('sort(temperature_celsius)'),
  instant('queue_level{instance="a",lane="x"}'),
  instant('sum by (job) (memory_used_bytes)'),
  instant('topk(2, temperature_celsius)'),
  instant('count(requests_total) by (code)'),
  instant('1 / 0'),
  instant('-1 / 0'),
  instant('0 / 0'),
  instant('1e-7 * vector(1)'),
  instant('1e21 * vector(1)'),
  instant('time()', 1_700_000_000.123),
  instant('"a \\"text\\" with \\u00e4 and <tag> & more"'),
  instant('vector(1)', '2026-01-31T23:10:00.5Z'),
  instant('absent(nothing{job="x"})'),
  instant('requests_total{job="api",instance="a"}[5m]'),
  instant('histogram_quantile(0.9, sum by (le) (latency_seconds_bucket))'),
  range('queue_level{instance="a",lane="x"}'),
  range('sum(memory_used_bytes)', '5m'),
  range('vector(1)', 300),
  range('rate(requests_total{instance="a",code="200"}[5m])', 30),
  range('1', 900),
  range('nothing'),
  request('series', { 'match[]': 'queue_level', ...window }, UNSORTED),
  request('series', { 'match[]': 'temperature_celsius{job="db",instance="c",zone="1"}', ...window }),
  request('series', { 'match[]': ['job_info', 'instance_info{dc="east"}'], ...window }),
  request('series', { 'match[]': '{job=~"a.+",lane!=""}', ...window }, UNSORTED),
  request('labels', window),
  request('labels', { 'match[]': 'latency_seconds_bucket', ...window }),
  request('label/job/values', window),
  request('label/instance/values', { 'match[]': 'instance_info', ...window }),
  request('label/nothing/values', window),
  request('query_exemplars', { query: 'up', ...window }),
  request('query', {}, REWORDED),
  instant('up{'),
  instant('sum('),
  instant('unknown_function(1)'),
  instant('up offset', END, REWORDED),
  instant('<'),
  instant('1 + "a"'),
  instant('rate(up)'),
  instant('up', 'soon', REWORDED),
  range('up', 0),
  range('up', 'x'),
  range('up[5m]', 60, REWORDED),
  request('query_range', { query: 'up', start: String(END), end: String(START), step: '1' }),
  request('query_range', { query: 'up', start: '0', end: '1000000', step: '1' }),
  request('query_range', { query: 'up', end: '1', step: '1' }),
  request('series', window),
  request('series', { 'match[]': '{}', ...window }),
  request('series', { 'match[]': 'up', start: 'x' }, REWORDED),
  request('labels', { 'match[]': 'up{' }),
  instant('up', END),
  request('query', { query: 'vector(1)', timeout: 'x' }),
  request('status/nothing', {}, 'ours says what is not there'),
];

describe.skipIf('missing' in prometheus)('the HTTP API beside a real Prometheus', () => {
  let ours: Program;
  let theirs: Prometheus;
  beforeAll(async () => {
    if ('missing' in prometheus) throw new Error(prometheus.missing);
    ours = await startProgram({
      command: 'collector',
      config: 'shippedRules: false\nstorage: {retention: {time: 100y}}\n',
    });
    theirs = await startPrometheus(prometheus.path, 'global: {}\n');
    const series = generateSeries(new Dice(randomOf(SEED)), SPAN).filter(isKnownToBoth);
    await remoteWrite(theirs.url, series, SPAN);
    await remoteWrite(ours.web, series, SPAN);
  });
  afterAll(async () => {
    await ours[Symbol.asyncDispose]();
    await theirs[Symbol.asyncDispose]();
  });

  it.each(REQUESTS.map((one) => [titleOf(one), one] as const))('%s', async (_, one) => {
    for (const method of ['GET', 'POST'] as const) {
      if (method === 'POST' && !/^(query|query_range|series|labels)$/.test(one.path)) continue;
      const [mine, their] = await Promise.all([ask(ours.web, one, method), ask(theirs.url, one, method)]);
      expect(mine.status).toBe(their.status);
      if (one.differs === undefined) expect(mine).toEqual(their);
    }
  });
});

/** Names outside of the classic characters came with version 3. */
function isKnownToBoth({ labels }: { readonly labels: readonly (readonly [string, string])[] }): boolean {
  return labels.every(
    ([name, value]) => /^\w+$/.test(name) && (name !== '__name__' || /^[\w:]+$/.test(value)),
  );
}

function titleOf({ path, parameters, differs }: Request): string {
  const note = differs === undefined ? '' : ` (${differs})`;
  return `/${path} ${JSON.stringify(parameters)}${note}`;
}

async function ask(
  url: string,
  { path, parameters }: Request,
  method: 'GET' | 'POST',
): Promise<{ status: number; type: string; body: string }> {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const each of typeof value === 'string' ? [value] : value) form.append(name, each);
  }
  const response =
    method === 'GET'
      ? await fetch(`${url}/api/v1/${path}?${form.toString()}`)
      : await fetch(`${url}/api/v1/${path}`, { method: 'POST', body: form });
  return {
    status: response.status,
    type: response.headers.get('content-type') ?? '',
    body: await response.text(),
  };
}
