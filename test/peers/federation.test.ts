import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getJson, type Program, startProgram } from '../support/program.ts';
import { isVersion2, prometheusPrograms } from '../support/prometheus-programs.ts';
import { pathOf } from '../support/run-counterpart.ts';
import { waitFor } from '../support/wait-for.ts';
import { STALE } from './differential/generate-series.ts';
import { remoteWrite } from './differential/remote-write.ts';
import { startPrometheus } from './differential/start-prometheus.ts';
import { EXACT_LABEL } from './support/exact-target.ts';
import { rawSamples } from './support/expect-exact.ts';

const programs = await prometheusPrograms('prometheus');

interface Targets {
  readonly data: {
    readonly activeTargets: readonly {
      readonly scrapePool: string;
      readonly health: string;
      readonly lastError: string;
    }[];
  };
}

/** Labels and values of what is federated under a job, in the order of their labels. */
function federated(job: string): readonly (readonly [Record<string, string>, string])[] {
  return [
    [{ __name__: 'counted_total', instance: 'a', job, label: EXACT_LABEL }, '12.5'],
    [{ __name__: 'dotted.name', 'dotted.label': 'x', instance: 'a', job }, '1e-300'],
    [{ __name__: 'infinite', instance: 'b', job }, '-Inf'],
    [{ __name__: 'not_a_number', instance: 'a', job }, 'NaN'],
    [{ __name__: 'without_instance', job }, '0.30000000000000004'],
  ];
}

async function write(url: string, job: string, timestampMs: number): Promise<void> {
  const series = federated(job).map(([labels, value]) => ({
    labels: Object.entries(labels),
    samples: [{ timestampMs, value: Number(value.replace('Inf', 'Infinity')) }],
  }));
  const ended = {
    labels: Object.entries({ __name__: 'ended', job }),
    samples: [{ timestampMs, bits: STALE }],
  };
  await remoteWrite(url, [...series, ended], { startMs: timestampMs, endMs: timestampMs });
}

describe('the collector is federated', () => {
  let program: Program;
  beforeAll(async () => {
    program = await startProgram({
      command: 'collector',
      config: 'shippedRules: false\nglobal: {external_labels: {site: north}}\n',
    });
  });
  afterAll(async () => program[Symbol.asyncDispose]());

  // A server waits five seconds before it scrapes: they wait together.
  it.concurrent.for(programs)('by $name', async ({ name: job, program: prometheus }, { skip }) => {
    skip('missing' in prometheus);
    const firstMs = Date.now();
    await write(program.web, job, firstMs);
    const target = `static_configs: [{targets: ['${new URL(program.web).host}']}]`;
    await using reader = await startPrometheus(
      pathOf(prometheus),
      `global: {scrape_interval: 500ms}
scrape_configs:
  - {job_name: federate, honor_labels: true, metrics_path: /federate, params: {'match[]': ['{job="${job}"}', 'counted_total{job="${job}"}']}, ${target}}
  - {job_name: broken, metrics_path: /federate, params: {'match[]': ['{job=']}, ${target}}
`,
    );
    const { data } = await waitFor('both scrapes', async () => {
      const targets = await getJson<Targets>(`${reader.url}/api/v1/targets`);
      const scraped = targets.data.activeTargets.filter(({ health }) => health !== 'unknown');
      return scraped.length === 2 && targets;
    });
    expect(data.activeTargets).toMatchObject([
      { scrapePool: 'broken', health: 'down', lastError: expect.stringContaining('400 Bad Request') },
      { scrapePool: 'federate', health: 'up', lastError: '' },
    ]);
    await write(program.web, job, firstMs + 1000);
    const found = await waitFor('both samples', async () => {
      const series = await rawSamples(reader.url, `{job="${job}"}`);
      return series.some(({ values }) => values.length > 1) && series;
    });
    expect(found).toEqual(
      federated(job).map(([labels, value]) => ({
        metric: { ...(isVersion2(pathOf(prometheus)) ? underscored(labels) : labels), site: 'north' },
        values: [firstMs, firstMs + 1000].map((timeMs) => [timeMs / 1000, value]),
      })),
    );
    expect(reader.log()).not.toMatch(/level=(?:warn|error)/i);
  });
});

/** What is left of the names for who knows classic ones only. */
function underscored(labels: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(labels).map(([name, value]) => [
    name.replace('.', '_'),
    name === '__name__' ? value.replace('.', '_') : value,
  ]);
  return Object.fromEntries(entries) as Record<string, string>;
}
