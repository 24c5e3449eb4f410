import { PrometheusDriver } from 'prometheus-query';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Program } from '../support/program.ts';
import {
  END_SECONDS,
  KNOWN,
  type KnownSeries,
  METADATA,
  START_SECONDS,
  startWithKnownSamples,
} from './support/known-samples.ts';

const START_MS = START_SECONDS * 1000;
const END_MS = END_SECONDS * 1000;
const SELECTOR = '{job="known"}';

/** The client reads numbers with parseFloat, which knows no `+Inf`: the odd values are left to other clients. */
const plain = KNOWN.filter(({ metric }) => metric['__name__'] !== 'odd_values');
const PLAIN = '{job="known",__name__!="odd_values"}';

let program: Program;
beforeAll(async () => {
  program = await startWithKnownSamples();
});
afterAll(async () => program[Symbol.asyncDispose]());

describe.each([false, true])('prometheus-query of npm, preferPost: %s', (preferPost) => {
  let client: PrometheusDriver;
  beforeAll(() => {
    client = new PrometheusDriver({ endpoint: program.web, preferPost });
  });

  it('answers instant queries', async () => {
    const { resultType, result } = await client.instantQuery(PLAIN, new Date(END_MS));
    expect(resultType).toBe('vector');
    expect(result).toMatchObject(
      plain.map((series) => ({ ...metricOf(series), value: valuesOf(series).at(-1) })),
    );
    const raw = await client.instantQuery(`${PLAIN}[1h]`, END_MS);
    expect(raw).toMatchObject({
      resultType: 'matrix',
      result: plain.map((series) => ({ ...metricOf(series), values: valuesOf(series) })),
    });
    const scalar = await client.instantQuery('scalar(vector(1.5))', END_MS);
    expect(scalar).toMatchObject({ resultType: 'scalar' });
    // Evaluated now where no time is given.
    expect(await client.instantQuery('up')).toMatchObject({ result: [{ value: { value: 1 } }] });
  });

  it('answers range queries', async () => {
    const { resultType, result } = await client.rangeQuery(PLAIN, START_MS, END_MS, 30);
    expect(resultType).toBe('matrix');
    expect(result).toMatchObject(plain.map((series) => ({ ...metricOf(series), values: valuesOf(series) })));
    expect(await client.rangeQuery(PLAIN, START_MS, END_MS, '5m')).toMatchObject({
      result: plain.map((series) => ({ values: valuesOf(series).filter((_, i) => i % 10 === 0) })),
    });
  });

  it('finds series and labels', async () => {
    expect(await client.series(SELECTOR, START_MS, END_MS)).toMatchObject(
      KNOWN.map((series) => metricOf(series).metric),
    );
    expect(await client.labelNames(SELECTOR, START_MS, END_MS)).toEqual([
      '__name__',
      'code',
      'instance',
      'job',
      'room',
    ]);
    expect(await client.labelValues('instance', [SELECTOR], START_MS, END_MS)).toEqual(['a', 'b']);
    expect(await client.labelValues('job')).toContain('known');
    expect(await client.metadata('requests_total', 1)).toEqual(METADATA);
  });

  it('tells of rules, alerts and targets', async () => {
    expect(await client.rules()).toMatchObject([
      {
        name: 'known',
        interval: 1,
        rules: [
          { name: 'known:one', type: 'recording', health: 'ok' },
          { name: 'KnownFires', type: 'alerting', health: 'ok', alerts: [{ state: 'firing' }] },
        ],
      },
    ]);
    expect(await client.alerts()).toMatchObject([
      {
        labels: { alertname: 'KnownFires', severity: 'warning' },
        annotations: { summary: 'it is 2' },
        state: 'firing',
        value: 2,
      },
    ]);
    expect(await client.targets('active')).toMatchObject({ activeTargets: [{ health: 'up' }] });
    expect(await client.targetsMetadata('{job="node"}')).toEqual([]);
    expect(await client.alertmanagers()).toMatchObject({ activeAlertmanagers: [] });
  });

  it('tells of the server', async () => {
    expect(await client.status()).toMatchObject({ yaml: expect.stringContaining('rule_files') });
    expect(await client.statusFlags()).toMatchObject({ 'web.listen-address': '127.0.0.1:0' });
    expect(await client.statusBuildinfo()).toMatchObject({ application: 'plimsoll' });
    expect(await client.statusRuntimeInfo()).toMatchObject({ reloadConfigSuccess: true });
    expect(await client.statusTSDB()).toMatchObject({ headStats: { numSeries: expect.any(Number) } });
  });

  it('hands on our errors', async () => {
    await expect(client.instantQuery('sum(')).rejects.toMatchObject({
      httpStatus: 400,
      prometheus: {
        errorType: 'bad_data',
        error: expect.stringContaining('parse error: unclosed left parenthesis'),
      },
    });
    await expect(client.rangeQuery('up', START_MS, END_MS, 0)).rejects.toMatchObject({
      error: expect.stringContaining('zero or negative query resolution step widths are not accepted'),
    });
  });
});

function metricOf({ metric: { __name__: name, ...labels } }: KnownSeries) {
  return { metric: { name, labels } };
}

function valuesOf({ values }: KnownSeries): { time: Date; value: number }[] {
  return values.map(([time, value]) => ({ time: new Date(time * 1000), value: Number(value) }));
}
