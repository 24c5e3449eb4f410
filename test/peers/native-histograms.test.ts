import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getJson, type Program, startProgram } from '../support/program.ts';
import { newestPrometheus } from '../support/prometheus-programs.ts';
import { pathOf } from '../support/run-counterpart.ts';
import { waitFor } from '../support/wait-for.ts';
import { type Prometheus, startPrometheus } from './differential/start-prometheus.ts';

const prometheus = await newestPrometheus('prometheus');

/** How long requests to another Prometheus take, which it counts in exponential buckets and in classic ones. */
const DURATIONS = 'prometheus_http_request_duration_seconds';

/** Recorded rates are histograms of floats. */
const RULES = `groups: [{name: rates, interval: 500ms, rules: [{record: rated, expr: 'rate(${DURATIONS}[4s])'}]}]`;

const VERSIONS = [
  // A sender leaves out those with custom buckets.
  { name: '1.0', options: 'send_native_histograms: true', args: [], kinds: ['exponential'] },
  {
    name: '2.0',
    options:
      'protobuf_message: io.prometheus.write.v2.Request, metadata_config: {send: false}, send_native_histograms: true',
    args: ['--enable-feature=st-storage'],
    kinds: ['exponential', 'custom'],
  },
] as const;

/** How many seconds of samples are compared. */
const SPAN_SECONDS = 6;

describe.skipIf('missing' in prometheus)('native histograms that Prometheus writes', () => {
  let program: Program;
  let target: Prometheus;
  beforeAll(async () => {
    target = await startPrometheus(pathOf(prometheus), '');
    program = await startProgram({ command: 'collector', config: 'shippedRules: false\n' });
  });
  afterAll(async () => {
    await program[Symbol.asyncDispose]();
    await target[Symbol.asyncDispose]();
  });

  it.concurrent.for(VERSIONS)('by remote write $name are answered as by itself', async (version) => {
    await using writer = await start(program.web, new URL(target.url).host, version);
    const selectors = version.kinds.flatMap((kind) =>
      [DURATIONS, 'rated'].map((metric) => `${metric}{job="${kind} by ${version.name}",handler="/metrics"}`),
    );
    await waitFor('recorded rates', async () => {
      const counts = await query(writer.url, 'count_over_time(rated[4s]) > 3', Date.now() / 1000);
      return counts.length >= version.kinds.length;
    });
    // A sender waits five seconds before it sends.
    const endSeconds = Math.floor(Date.now() / 1000) + SPAN_SECONDS + 1;
    const expectSame = async (expression: string): Promise<void> => {
      const [theirs, ours] = await Promise.all(
        [writer.url, program.web].map((web) => query(web, expression, endSeconds)),
      );
      expect(theirs, expression).toHaveLength(1);
      expect(rounded(ours), expression).toEqual(rounded(theirs));
    };
    await waitFor(
      'all samples of some seconds',
      async () => {
        if (Date.now() / 1000 < endSeconds + 1) return false;
        for (const selector of selectors) await expectSame(`${selector}[${SPAN_SECONDS}s]`);
        return true;
      },
      30_000,
    );
    for (const expression of selectors.flatMap(expressionsOf)) await expectSame(expression);
  });
});

function expressionsOf(selector: string): string[] {
  return [
    `histogram_quantile(0.9, rate(${selector}[4s]))`,
    `histogram_quantile(0.5, sum(increase(${selector}[4s])))`,
    `histogram_count(${selector})`,
    `histogram_avg(sum_over_time(${selector}[4s]))`,
    `histogram_fraction(0, 0.01, ${selector})`,
    `sum(rate(${selector}[3s]))`,
  ];
}

/** Bounds of buckets come from a table in one and from powers in the other: they differ in the last digit. */
function rounded(answer: unknown): unknown {
  return JSON.parse(JSON.stringify(answer), (_, value: unknown) =>
    typeof value === 'string' && Number.isFinite(Number(value)) ? Number(value).toPrecision(13) : value,
  );
}

async function query(web: string, expression: string, seconds: number): Promise<readonly unknown[]> {
  const parameters = new URLSearchParams({ query: expression, time: String(seconds) });
  const answer = await getJson(`${web}/api/v1/query?${parameters.toString()}`);
  return (answer as { readonly data: { readonly result: readonly unknown[] } }).data.result;
}

/** Scrapes another one twice: its native histograms, and its classic ones as native ones with custom buckets. */
function start(url: string, host: string, { name, options, args }: (typeof VERSIONS)[number]) {
  const scraped = `static_configs: [{targets: ['${host}']}]`;
  return startPrometheus(
    pathOf(prometheus),
    `global: {scrape_interval: 500ms}
rule_files: [rules.yml]
scrape_configs:
  - {job_name: 'exponential by ${name}', scrape_native_histograms: true, ${scraped}}
  - {job_name: 'custom by ${name}', convert_classic_histograms_to_nhcb: true, ${scraped}}
remote_write:
  - {url: '${url}/api/v1/write', queue_config: {batch_send_deadline: 500ms}, ${options}}
`,
    { 'rules.yml': RULES },
    ['--storage.remote.flush-deadline=1s', ...args],
  );
}
