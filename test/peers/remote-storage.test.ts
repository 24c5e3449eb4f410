import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { debianProgram } from '../support/debian.ts';
import { getJson, type Program, startProgram } from '../support/program.ts';
import { waitFor } from '../support/wait-for.ts';
import { startPrometheus } from './differential/start-prometheus.ts';

const prometheus = await debianProgram('prometheus', 'prometheus');

interface Answer {
  readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] };
}

/** The number a query yields; 0 when it finds nothing. */
async function ask(url: string, query: string): Promise<number> {
  const { data } = await getJson<Answer>(`${url}/api/v1/query?query=${encodeURIComponent(query)}`);
  return Number(data.result[0]?.value[1] ?? 0);
}

/** The sum of a counter on a Prometheus' own page. */
async function counter(url: string, name: string): Promise<number> {
  const page = await (await fetch(`${url}/metrics`)).text();
  const lines = page.split('\n').filter((line) => line.startsWith(name));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

describe.skipIf('missing' in prometheus)('the collector as remote storage of a real Prometheus', () => {
  let program: Program;
  beforeAll(async () => {
    program = await startProgram({ args: ['--agent.collect.interval', '1s'] });
  });
  afterAll(async () => program[Symbol.asyncDispose]());

  it('takes what it writes, and lets another read it', async () => {
    if ('missing' in prometheus) throw new Error(prometheus.missing);
    await using writer = await startPrometheus(
      prometheus.path,
      `global: {scrape_interval: 1s, external_labels: {from: writer}}
scrape_configs: [{job_name: scraped, static_configs: [{targets: ['${new URL(program.agent).host}']}]}]
remote_write:
  - url: '${program.web}/api/v1/write'
    queue_config: {batch_send_deadline: 1s}
    metadata_config: {send_interval: 1s}
`,
    );
    await waitFor(
      'three scrapes',
      async () => {
        return (await ask(program.web, 'count_over_time(up{from="writer"}[1m])')) >= 3;
      },
      30_000,
    );
    expect(await ask(program.web, 'count({from="writer"})')).toBeGreaterThan(100);
    expect(await counter(writer.url, 'prometheus_remote_storage_samples_failed_total')).toBe(0);
    expect(await counter(writer.url, 'prometheus_remote_storage_samples_retried_total')).toBe(0);
    expect(await counter(program.web, 'plimsoll_remote_write_requests_total{code="400"}')).toBe(0);
    await using reader = await startPrometheus(
      prometheus.path,
      `remote_read: [{url: '${program.web}/api/v1/read', read_recent: true}]\n`,
    );
    const query = 'count({from="writer"})';
    await waitFor('the same series', async () => {
      const count = await ask(reader.url, query);
      return count > 100 && count === (await ask(program.web, query));
    });
    expect(await ask(reader.url, 'sum(node_cpu_seconds_total{from="writer",mode=~"i.+"})')).toBeGreaterThan(
      0,
    );
    expect(await ask(reader.url, 'node_load1{job="node"}')).toBeGreaterThanOrEqual(0);
  });
});
