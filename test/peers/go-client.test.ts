import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { ownGoProgram } from '../support/go-module.ts';
import {
  END_SECONDS,
  KNOWN,
  type KnownSeries,
  knownOf,
  METADATA,
  START_SECONDS,
  startWithKnownSamples,
} from './support/known-samples.ts';

const run = promisify(execFile);
const client = await ownGoProgram(path.join(import.meta.dirname, 'go-client'), { inCi: true });

/** An answer without remarks. */
const plain = (data: unknown) => ({ data, warnings: null, infos: null });

describe.skipIf('missing' in client)("Prometheus' Go API client", () => {
  let answers: Record<string, unknown>;
  beforeAll(async () => {
    if ('missing' in client) throw new Error(client.missing);
    await using program = await startWithKnownSamples();
    const { stdout } = await run(client.path, [
      program.web,
      String(START_SECONDS),
      String(END_SECONDS),
      (await readFile(path.join(program.storagePath, 'admin-token'), 'utf8')).trim(),
    ]);
    answers = JSON.parse(stdout) as Record<string, unknown>;
  });

  it('queries', () => {
    const latest = KNOWN.map(({ metric, values }) => ({ metric, value: values.at(-1) }));
    const sums = Array.from({ length: 11 }, (_, i) => [START_SECONDS + 60 * i, String(22 * i)]);
    expect(answers).toMatchObject({
      query: plain(latest),
      scalar: plain([END_SECONDS, '1.5']),
      remarked: {
        data: [{ metric: { job: 'known' } }],
        warnings: null,
        infos: [expect.stringContaining('metric might not be a counter')],
      },
      limited: { data: latest.slice(0, 1), warnings: ['results truncated due to limit'] },
      wrong: { error: expect.stringMatching(/^bad_data: .*parse error: unclosed left parenthesis$/) },
      queryRange: plain([{ metric: { job: 'known' }, values: sums }]),
      queryExemplars: [],
      // The client hands on the JSON text.
      formatQuery: '"sum by (a) (rate(b[5m]))"',
    });
    const raw = answers['raw'] as { readonly data: readonly KnownSeries[] };
    expect(raw.data.map(inNumbers)).toEqual(KNOWN.map(inNumbers));
  });

  it('finds series, labels and metadata', () => {
    expect(answers).toMatchObject({
      series: plain(KNOWN.map(({ metric }) => metric)),
      labelNames: plain(['__name__', 'code', 'instance', 'job', 'room']),
      labelValues: plain(knownOf('requests_total').map(({ metric }) => metric['instance'])),
      metadata: METADATA,
      targetsMetadata: [],
    });
  });

  it('reads rules, alerts and targets', () => {
    const alert = {
      activeAt: expect.stringMatching(/^20/),
      Annotations: { summary: 'it is 2' },
      Labels: { alertname: 'KnownFires', severity: 'warning' },
      State: 'firing',
      Value: '2e+00',
    };
    const recording = { name: 'known:one', query: 'vector(1)', labels: { kind: 'recorded' }, health: 'ok' };
    const alerting = { name: 'KnownFires', state: 'firing', health: 'ok', alerts: [alert] };
    expect(answers).toMatchObject({
      rules: { groups: [{ name: 'known', interval: 1, rules: [recording, alerting] }] },
      alerts: { alerts: [alert] },
      alertManagers: { activeAlertManagers: [], droppedAlertManagers: [] },
      targets: { activeTargets: [{ scrapePool: 'node', health: 'up', labels: { job: 'node' } }] },
    });
  });

  it('reads what the server says of itself', () => {
    expect(answers).toMatchObject({
      buildinfo: { version: expect.stringMatching(/^\d+\.\d+/) },
      config: { yaml: expect.stringContaining('rule_files') },
      flags: { 'web.listen-address': '127.0.0.1:0' },
      runtimeinfo: { reloadConfigSuccess: true, storageRetention: '36500d', corruptionCount: 0 },
      tsdb: {
        headStats: { numSeries: expect.any(Number), minTime: START_SECONDS * 1000 },
        seriesCountByMetricName: expect.arrayContaining([
          { name: 'node_cpu_seconds_total', value: expect.any(Number) },
        ]),
      },
      tsdbBlocks: { blocks: [] },
      walReplay: { min: 0, max: 0, current: 0 },
    });
  });

  it('deletes samples', () => {
    expect(answers).toMatchObject({
      deleteSeries: 'deleted',
      cleanTombstones: 'cleaned',
      left: { data: [{ value: [END_SECONDS, '200'] }, { value: [END_SECONDS, '9'] }] },
    });
  });

  it('is told clearly which admin endpoints there are not', () => {
    expect(answers['snapshot']).toEqual({
      error: 'server_error: server error: 503',
      detail: expect.stringContaining(
        '"error":"admin APIs disabled: this server offers no other than deletion"',
      ),
    });
  });
});

/** The client prints numbers without exponents: not the digits, the number must be the same. */
function inNumbers({ metric, values }: KnownSeries) {
  return { metric, values: values.map(([time, value]) => [time, Number(value.replace('Inf', 'Infinity'))]) };
}
